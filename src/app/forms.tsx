/** Forms and the menu of a mark: what writes a line of the scenario. Loaded when the first is opened. */
import { useMemo } from 'react';
import { formOf, FORMS, namesIn, startValues, type FormContext } from './operations';
import { OperationForm } from './panes/OperationForm';
import { Menu, type MenuItem } from './parts/Menu';
import { Popover, pointAnchor } from './parts/Popover';
import { useActions, useSession } from './session';
import { processName, targetOf } from './stage/target';
import { useUi, type OpenForm } from './ui';

/** What forms begin with: what is selected, or else the newest area of the scenario's own. */
function useFormContext(): FormContext {
  const pictures = useSession((state) => state.pictures.left);
  const selection = useSession((state) => state.selection);
  const text = useSession((state) => state.scenario.text);
  const who = useSession((state) => state.want.who);
  const marked = useUi((ui) => ui.range);
  const mapHugetlb = useSession((state) => state.scenario.loaded?.rules !== '2.6.20');
  return useMemo(() => {
    const moment = pictures?.moment;
    const areas = pictures?.areas;
    const { selected, selectedFellows } = selection;
    const found = selected[0]?.startsWith('area:') ? marked : selectedFellows?.ranges.find((one) => one.who === who);
    const range = found?.who === who ? found : undefined;
    const keys = [...selected, ...(selectedFellows?.areas ?? []).map((id) => `area:${id}`)];
    const own = areas?.rows.filter((row) => row.row === 'area' && row.slot !== 0 && row.mark !== 'gone') ?? [];
    const newest = own.length === 0 ? undefined : own.reduce((a, b) => ('id' in a && 'id' in b && b.id > a.id ? b : a));
    const target = !moment
      ? null
      : (targetOf(areas, moment, keys, range) ??
        targetOf(areas, moment, newest && 'ref' in newest ? [newest.ref] : []));
    return {
      target,
      processes: moment
        ? moment.processes.filter((one) => one.mark !== 'gone').map((one) => processName(moment, one.who))
        : [''],
      process: moment ? processName(moment, who) : '',
      taken: namesIn(text),
      pool: { total: pictures?.pool?.total.now ?? 0, overcommit: pictures?.pool?.overcommit.now ?? 0 },
      mapHugetlb,
    };
  }, [pictures, selection, text, who, marked, mapHugetlb]);
}

/** Where a new line will stand, in words. */
function useAfter(): string {
  const { k } = useSession((state) => state.time.place);
  const n = useSession((state) => state.scenario.loaded?.n ?? 0);
  return k === 0 ? (n === 0 ? 'to the scenario' : 'at the start') : k >= n ? 'at the end' : `after step ${k}`;
}

/** What can be done with the mark whose menu is open: each line with what it would write. */
export function MarkMenu() {
  const menu = useUi((ui) => ui.menu);
  const set = useUi((ui) => ui.set);
  const session = useActions();
  const context = useFormContext();
  if (!menu) return null;
  const close = () => set({ menu: null });
  const items: MenuItem[] = context.target
    ? FORMS.filter((form) => form.onArea).map((form) => ({
        label: form.name,
        hint: form.line(startValues(form, context)),
        run: () => void session.addStatement(form.line(startValues(form, context))),
      }))
    : [];
  items.push(
    ...(context.target
      ? [
          {
            label: 'with other arguments …',
            apart: true,
            run: () => set({ form: { name: 'mprotect', anchor: pointAnchor(menu.x, menu.y), beside: false } }),
          },
        ]
      : []),
    {
      label: 'Tell everything about it',
      apart: !context.target,
      run: () => set({ drawer: 'inspector', place: 'drawer' }),
    },
  );
  return <Menu anchor={pointAnchor(menu.x, menu.y)} label="What can be done here" items={items} onClose={close} />;
}

/** The form of one operation, where it was asked for. */
export function FormPopover({ form: { name, anchor, beside } }: { form: OpenForm }) {
  const session = useActions();
  const set = useUi((ui) => ui.set);
  const form = formOf(name);
  const context = useFormContext();
  const after = useAfter();
  if (!form) return null;
  const close = () => set({ form: null });
  return (
    <Popover key={name} anchor={anchor} label={form.name} beside={beside} onClose={close}>
      <OperationForm
        form={form}
        context={context}
        after={after}
        onAdd={(line) => {
          close();
          void session.addStatement(line);
        }}
      />
    </Popover>
  );
}

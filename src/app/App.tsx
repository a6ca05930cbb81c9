import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type CSSProperties } from 'react';
import type { Session } from '../store/session';
import { commandsOf, type PageActions } from './commands';
import { chordText, press, releaseAfterPointer, type Command } from './keyboard';
import { Notices } from './Notices';
import { Header } from './panes/Header';
import { Guarded } from './parts/Guarded';
import { Live } from './parts/Live';
import type { MenuItem } from './parts/Menu';
import { pointAnchor, type Anchor } from './parts/anchor';
import { sentenceText } from './parts/Sentence';
import { SessionContext, useActions, useSession } from './session';
import { ConductorContext, useNewConductor } from './motion/use-conductor';
import { Stage } from './stage/Stage';
import { Strip } from './Strip';
import { dressPage, THEMES, useUi } from './ui';
import { useWall, useWallAtForks } from './wall';
import { saveScenario } from './files';
import { receive, usePaste } from './incoming';
import stage from './stage/stage.module.css';
import style from './app.module.css';
import { ARGUED, DEFAULT_DESIGN, otherThan } from './catalogue';

const KeysSheet = lazy(async () => ({ default: (await import('./dialogs/KeysSheet')).KeysSheet }));
const CommandBox = lazy(async () => ({ default: (await import('./dialogs/CommandBox')).CommandBox }));
const LibraryDialog = lazy(async () => ({ default: (await import('./dialogs/LibraryDialog')).LibraryDialog }));
const ArgumentDialog = lazy(async () => ({ default: (await import('./argument/ArgumentDialog')).ArgumentDialog }));
const ShareDialog = lazy(async () => ({ default: (await import('./dialogs/ShareDialog')).ShareDialog }));
const OpenDialog = lazy(async () => ({ default: (await import('./dialogs/OpenDialog')).OpenDialog }));
const KeptDialog = lazy(async () => ({ default: (await import('./dialogs/KeptDialog')).KeptDialog }));
const Licences = lazy(async () => ({ default: (await import('./dialogs/Licences')).Licences }));
const ImportSummary = lazy(async () => ({ default: (await import('./dialogs/ImportSummary')).ImportSummary }));
const ExportDialog = lazy(async () => ({ default: (await import('./dialogs/ExportDialog')).ExportDialog }));
const Handout = lazy(async () => ({ default: (await import('./handout/Handout')).Handout }));
const EmbedHead = lazy(async () => ({ default: (await import('./stage/Embedded')).EmbedHead }));
const EmbedStage = lazy(async () => ({ default: (await import('./stage/Embedded')).EmbedStage }));
const MarkMenu = lazy(async () => ({ default: (await import('./forms')).MarkMenu }));
const FormPopover = lazy(async () => ({ default: (await import('./forms')).FormPopover }));
const BadLink = lazy(async () => ({ default: (await import('./dialogs/BadLink')).BadLink }));
const RulesPopover = lazy(async () => ({ default: (await import('./dialogs/RulesPopover')).RulesPopover }));

/** The designs of the header's switch; all others are in the rules. */
const DESIGNS = ARGUED.map(({ design, argued }) => ({ name: design, says: argued }));

/** The page around one session. */
export function App({ session }: { session: Session }) {
  return (
    <SessionContext value={session}>
      <Page />
    </SessionContext>
  );
}

function Page() {
  const session = useActions();
  const { dialog, blank, presenting, badLink, form, menu } = useUi();
  const embedded = useUi((ui) => ui.embed !== null);
  const [rules, setRules] = useState<Anchor | null>(null);
  const [picker, setPicker] = useState<HTMLInputElement | null>(null);
  useEffect(dressPage, []);
  useEffect(releaseAfterPointer, []);
  usePaste();
  useWallAtForks(session);
  const wall = useWall(session);

  const conductor = useNewConductor();
  const page = useMemo<PageActions>(
    () => ({
      openFile: () => useUi.getState().set({ dialog: 'open' }),
      chooseFiles: () => picker?.click(),
      saveFile: () => saveScenario(session),
      compare(on) {
        const design = session.store.getState().scenario.loaded?.design || DEFAULT_DESIGN;
        if (on) {
          void session.setDesigns(design, otherThan(design)).then(() => session.compare());
        } else void session.setDesigns(design, '');
      },
      present(on) {
        useUi.getState().set({ presenting: on });
        if (on) void document.documentElement.requestFullscreen?.().catch(() => undefined);
        else if (document.fullscreenElement) void document.exitFullscreen();
      },
      addForm: (name) =>
        useUi
          .getState()
          .set({ form: { name, anchor: pointAnchor(innerWidth / 2 - 170, innerHeight / 5), beside: false } }),
      wall: () => wall.toggle(),
      beat: (by) => void conductor.step(by),
    }),
    [session, picker, wall, conductor],
  );
  const commands = useMemo(() => commandsOf(session, page), [session, page]);
  useKeys(session, commands, page);
  const set = useUi((ui) => ui.set);
  const close = useCallback(() => set({ dialog: null }), [set]);
  const goTo = useCallback((k: number) => void session.go({ k, event: null }), [session]);
  const add = useCallback((line: string) => void session.addStatement(line), [session]);

  const sizes = useUi((ui) => ui.sizes);
  const own = (size: number | null) => (size === null ? undefined : `${size}rem`);
  const sized = {
    '--own-left': own(sizes.left),
    '--own-space': own(sizes.space),
    '--own-right': own(sizes.right),
    '--own-drawer': own(sizes.drawer),
  };

  return (
    <div
      className={stage.app}
      style={sized as CSSProperties}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const { files } = event.dataTransfer;
        receive(files.length > 0 ? [...files] : [event.dataTransfer.getData('text/plain')]);
      }}
    >
      {embedded ? (
        <Suspense fallback={<header />}>
          <EmbedHead />
        </Suspense>
      ) : (
        <TopBar commands={commands} page={page} onRules={setRules} />
      )}
      <Notices />
      {embedded ? (
        <Suspense fallback={<main />}>
          <EmbedStage />
        </Suspense>
      ) : (
        <ConductorContext value={conductor}>
          <Stage />
        </ConductorContext>
      )}
      <Strip />
      <Spoken />
      <Digits />
      <input
        ref={setPicker}
        type="file"
        multiple
        hidden
        aria-label="Open a file"
        onChange={(event) => {
          receive([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Guarded what="This" onClose={() => set({ dialog: null, badLink: null, form: null, menu: null })}>
        <Suspense fallback={null}>
          {menu ? <MarkMenu /> : null}
          {form ? <FormPopover form={form} /> : null}
          {dialog === 'keys' ? <KeysSheet commands={commands} onClose={close} /> : null}
          {dialog === 'command' ? <CommandBox commands={commands} onAdd={add} onGoTo={goTo} onClose={close} /> : null}
          {dialog === 'library' ? <LibraryDialog onClose={close} /> : null}
          {dialog === 'argument' ? <ArgumentDialog onClose={close} /> : null}
          {dialog === 'share' ? <ShareDialog onClose={close} /> : null}
          {dialog === 'open' ? <OpenDialog onChoose={page.chooseFiles} onClose={close} /> : null}
          {dialog === 'kept' ? <KeptDialog onClose={close} /> : null}
          {dialog === 'licences' ? <Licences onClose={close} /> : null}
          {dialog === 'imported' ? <ImportSummary onClose={close} /> : null}
          {dialog === 'export' ? <ExportDialog onClose={close} /> : null}
          {dialog === 'handout' ? <Handout onClose={close} /> : null}
          {badLink ? <BadLink {...badLink} onClose={() => set({ badLink: null })} /> : null}
          {rules ? <RulesPopover anchor={rules} onClose={() => setRules(null)} /> : null}
        </Suspense>
      </Guarded>
      {presenting ? (
        <button type="button" className={style.leave} onClick={() => page.present(false)}>
          Leave
        </button>
      ) : null}
      {blank ? (
        <button
          type="button"
          className={style.blank}
          aria-label="Blank screen: any key shows the page again"
          autoFocus
          onClick={() => set({ blank: false })}
        />
      ) : null}
    </div>
  );
}

/** Listens to the keyboard. */
function useKeys(session: Session, commands: readonly Command[], page: PageActions): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { blank, presenting, singleKeys, digits, dialog, ahead, set } = useUi.getState();
      if (dialog !== null && !document.querySelector('dialog[open]')) {
        // The dialog is on its way: what is typed is meant for it.
        if (
          dialog === 'command' &&
          !event.ctrlKey &&
          !event.metaKey &&
          (event.key.length === 1 || event.key === 'Enter')
        ) {
          set({ ahead: ahead + (event.key === 'Enter' ? '\n' : event.key) });
          event.preventDefault();
        }
        return;
      }
      if (blank && !['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) {
        event.preventDefault();
        set({ blank: false });
        return;
      }
      if (event.key === 'Escape' && presenting && !document.querySelector('dialog[open], :popover-open')) {
        page.present(false);
        return;
      }
      const state = {
        singleKeys,
        commands,
        digits,
        setDigits: (typed: string) => set({ digits: typed }),
        goTo: (k: number) =>
          void session.go({ k: Math.min(k, session.store.getState().scenario.loaded?.n ?? k), event: null }),
      };
      if (press(event, state)) event.preventDefault();
    };
    const left = () => {
      if (!document.fullscreenElement && useUi.getState().presenting) useUi.getState().set({ presenting: false });
    };
    document.addEventListener('keydown', listen);
    document.addEventListener('fullscreenchange', left);
    return () => {
      document.removeEventListener('keydown', listen);
      document.removeEventListener('fullscreenchange', left);
    };
  }, [session, commands, page]);
}

/** The number that is being typed; forgotten when nothing follows. */
function Digits() {
  const digits = useUi((ui) => ui.digits);
  const set = useUi((ui) => ui.set);
  useEffect(() => {
    const timer = setTimeout(() => set({ digits: '' }), 4000);
    return () => clearTimeout(timer);
  }, [digits, set]);
  return digits === '' ? null : (
    <output className={style.digits}>
      go to step {digits} <kbd>Enter</kbd>
    </output>
  );
}

function TopBar({
  commands,
  page,
  onRules,
}: {
  commands: readonly Command[];
  page: PageActions;
  onRules: (anchor: Anchor) => void;
}) {
  const session = useActions();
  const loaded = useSession((state) => state.scenario.loaded);
  const statement = useSession((state) => state.pictures.left?.moment.statement?.text ?? '');
  const theme = useUi((ui) => ui.theme);
  const singleKeys = useUi((ui) => ui.singleKeys);
  const set = useUi((ui) => ui.set);
  const item = (id: string, label: string): MenuItem => {
    const command = commands.find((one) => one.id === id)!;
    return { label, hint: command.keys[0] ? chordText(command.keys[0]) : undefined, run: () => command.run() };
  };
  const more: MenuItem[] = [
    item('library', 'Scenarios …'),
    item('argument', 'The argument …'),
    item('tour', 'The argument, told'),
    item('open', 'Open or import …'),
    item('save', 'Save as a file'),
    item('kept', 'Kept work …'),
    item('export', 'Export …'),
    item('handout', 'Handout …'),
    item('share', 'Share …'),
    { ...item('present', 'Present'), apart: true },
    item('wall', 'Wall of two processes'),
    item('twins', 'Pictures as text'),
    item('command', 'Command box'),
    item('keys', 'Keys'),
    item('licences', 'Licences'),
    ...THEMES.map((name, i) => ({
      label: `Theme: ${name}`,
      apart: i === 0,
      checked: theme === name,
      run: () => set({ theme: name }),
    })),
    { label: 'Single-key shortcuts', apart: true, checked: singleKeys, run: () => set({ singleKeys: !singleKeys }) },
  ];
  return (
    <Header
      title={loaded?.title || 'A scenario of your own'}
      statement={statement}
      designs={DESIGNS}
      design={loaded?.design ?? ''}
      comparing={Boolean(loaded?.other)}
      rules={loaded?.rules || 'Linux 6.18'}
      more={more}
      onDesign={(name) => void session.setDesigns(name, '')}
      onCompare={(on) => page.compare(on)}
      onRules={onRules}
      onLibrary={() => set({ dialog: 'library' })}
      onArgument={() => set({ dialog: 'argument' })}
      onPresent={() => page.present(true)}
      onShare={() => set({ dialog: 'share' })}
      onKeys={() => set({ dialog: 'keys' })}
    />
  );
}

/** Each step, spoken once. */
function Spoken() {
  const moment = useSession((state) => state.pictures.left?.moment);
  const playing = useSession((state) => state.time.playing);
  if (!moment) return <Live text="" />;
  const { k, n, event, events, ending, lamp } = moment;
  const where = event === null ? `Step ${k} of ${n}.` : `Step ${k} of ${n}, event ${event} of ${events}.`;
  const end = ending && ending.kind !== 'ok' ? ` ${ending.text}.` : '';
  const books = lamp.ok ? '' : ` The books do not balance: ${lamp.broken[0]?.text ?? ''}`;
  return <Live text={`${where} ${sentenceText(moment.sentence)}${end}${books}`} settle={playing ? 400 : 150} />;
}

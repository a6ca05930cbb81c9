import { useRef, useState } from 'react';
import { FORMS, type FormContext, type OperationForm as Form } from '../operations';
import { Menu } from '../parts/Menu';
import { Popover, type Anchor } from '../parts/Popover';
import button from '../parts/button.module.css';
import { OperationForm } from './OperationForm';
import style from './palette.module.css';

/** Buttons that add a line after the current moment, each with its arguments as a small form. */
export function Palette({
  context,
  after,
  onAdd,
}: {
  context: FormContext;
  after: string;
  onAdd: (line: string) => void;
}) {
  const group = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<{ form: Form; anchor: Anchor } | null>(null);
  const [more, setMore] = useState<Anchor | null>(null);
  /** Beside the column, so that the scenario stays in sight. */
  const show = (form: Form) => setOpen({ form, anchor: group.current!.getBoundingClientRect() });
  return (
    <div ref={group} className={style.palette} role="group" aria-label="Add an operation">
      {FORMS.filter((form) => form.main).map((form) => (
        <button
          key={form.name}
          type="button"
          className={`${button.button} ${button.mono}`}
          aria-haspopup="dialog"
          aria-expanded={open?.form === form}
          title={form.says}
          onClick={() => show(form)}
        >
          {form.name}
        </button>
      ))}
      <button
        type="button"
        className={button.button}
        aria-haspopup="menu"
        onClick={(event) => setMore(event.currentTarget.getBoundingClientRect())}
      >
        more …
      </button>
      {more ? (
        <Menu
          anchor={more}
          label="More operations"
          items={FORMS.filter((form) => !form.main).map((form) => ({
            label: form.name,
            run: () => show(form),
          }))}
          onClose={() => setMore(null)}
        />
      ) : null}
      {open ? (
        <Popover key={open.form.name} anchor={open.anchor} label={open.form.name} beside onClose={() => setOpen(null)}>
          <OperationForm
            form={open.form}
            context={context}
            after={after}
            onAdd={(line) => {
              setOpen(null);
              onAdd(line);
            }}
          />
        </Popover>
      ) : null}
    </div>
  );
}

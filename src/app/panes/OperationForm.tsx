import { useId, useState } from 'react';
import { startValues, type Field, type FormContext, type OperationForm as Form, type Values } from '../operations';
import button from '../parts/button.module.css';
import style from './form.module.css';

/** The arguments of one operation as fields, and the line that they make. */
export function OperationForm({
  form,
  context,
  begin,
  after,
  onAdd,
}: {
  form: Form;
  context: FormContext;
  /** Values that differ from what the form begins with. */
  begin?: Values;
  /** Where the line will stand: `after step 5`. */
  after: string;
  onAdd: (line: string) => void;
}) {
  const [values, setValues] = useState<Values>(() => ({ ...startValues(form, context), ...begin }));
  const set = (name: string, value: string) => setValues((before) => ({ ...before, [name]: value }));
  const line = form.line(values);
  return (
    <form
      className={style.form}
      aria-label={form.name}
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(line);
      }}
    >
      <h3 className={style.name}>{form.name}</h3>
      <p className={style.says}>{form.says}</p>
      {form.fields.map((field) => {
        if (field.name === 'process' && context.processes.length < 2) return null;
        if (field.when && !field.when(values, context)) return null;
        return (
          <FieldRow
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            context={context}
            onChange={(value) => set(field.name, value)}
          />
        );
      })}
      <output className={style.line}>{line}</output>
      <button type="submit" className={`${button.button} ${button.main}`}>
        Add {after}
      </button>
    </form>
  );
}

function FieldRow({
  field,
  value,
  context,
  onChange,
}: {
  field: Field;
  value: string;
  context: FormContext;
  onChange: (value: string) => void;
}) {
  const id = useId();
  if (field.kind === 'flags') {
    const on = value === '' ? [] : value.split('|');
    return (
      <fieldset className={style.row}>
        <legend>{field.label}</legend>
        <div className={style.flags}>
          {(field.options ?? []).map((flag) => (
            <label key={flag} className={style.flag}>
              <input
                type="checkbox"
                checked={on.includes(flag)}
                onChange={(event) =>
                  onChange(
                    (field.options ?? [])
                      .filter((one) => (one === flag ? event.target.checked : on.includes(one)))
                      .join('|'),
                  )
                }
              />
              <code>{flag.replace(/^(PROT|MAP|MREMAP)_/, '')}</code>
            </label>
          ))}
        </div>
      </fieldset>
    );
  }
  if (field.kind === 'choice') {
    const options = field.name === 'process' ? context.processes : (field.options ?? []);
    return (
      <div className={style.row}>
        <label htmlFor={id}>{field.label}</label>
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option} value={option}>
              {option === '' ? 'the first' : option}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <div className={style.row}>
      <label htmlFor={id}>{field.label}</label>
      <input
        id={id}
        value={value}
        placeholder={field.hint}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

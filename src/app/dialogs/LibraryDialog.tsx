import { useMemo, useState } from 'react';
import { LIBRARY, type Example } from '../../scenario/library';
import { Dialog } from '../parts/Dialog';
import { useActions } from '../session';
import { openText } from '../start';
import style from './dialogs.module.css';

/** The first comment of a scenario: what it begins with. */
const begins = (text: string): string => /^# (.*)$/m.exec(text)?.[1] ?? '';
const steps = (text: string): number =>
  text.split('\n').filter((line) => /^[\w: =]*\w$/.test(line.split('(', 1)[0]) && line.includes('(')).length;

/** The scenarios that come with the page, by subject. */
export function LibraryDialog({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const [typed, setTyped] = useState('');
  const groups = useMemo(() => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ title, text }: Example) => words.every((word) => `${title} ${text}`.toLowerCase().includes(word));
    return LIBRARY.map(({ subject, examples }) => ({ subject, examples: examples.filter(fits) })).filter(
      ({ examples }) => examples.length > 0,
    );
  }, [typed]);
  return (
    <Dialog title="Scenarios" onClose={onClose} wide>
      <input
        className={style.search}
        type="search"
        aria-label="Search the scenarios"
        placeholder="fork, ENOMEM, madvise …"
        data-first
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {groups.map(({ subject, examples }) => (
        <section key={subject} className={style.subject}>
          <h3>{subject}</h3>
          <ul>
            {examples.map(({ name, title, text }) => (
              <li key={name}>
                <button
                  type="button"
                  onClick={() => {
                    onClose();
                    void openText(session, text, {}, { address: `#ex=${name}` });
                  }}
                >
                  <strong>{title}</strong>
                  <span>
                    {begins(text)} {steps(text)} steps.
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {groups.length === 0 ? (
        <p className={style.says}>No scenario says “{typed}”. Each one can be changed: open the nearest and edit it.</p>
      ) : null}
    </Dialog>
  );
}

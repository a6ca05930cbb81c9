import { useEffect, useId, useMemo, useState, type KeyboardEvent } from 'react';
import { chordText, type Command } from '../keyboard';
import { Dialog } from '../parts/Dialog';
import { useUi } from '../ui';
import style from './dialogs.module.css';

/** Commands whose name has every word that was typed, those that begin with it first. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(
    ({ name, enabled }) => enabled !== false && words.every((word) => name.toLowerCase().includes(word)),
  );
  const begins = (command: Command) => (words.length > 0 && command.name.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b));
}

/** Looks like an operation: `mmap(…)`, `child: write(a)`. */
const OPERATION = /^\s*(?:\w+\s*:\s*)?(?:\w+\s*=\s*)?\w+\s*\(.*\)\s*$/;

/** One line for everything: the name of a command, a step's number, or an operation to add. */
export function CommandBox({
  commands,
  onAdd,
  onGoTo,
  onClose,
}: {
  commands: readonly Command[];
  onAdd: (line: string) => void;
  onGoTo: (step: number) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState(() => useUi.getState().ahead.replace(/\n.*$/s, ''));
  const [at, setAt] = useState(0);
  const id = useId();
  const entries = useMemo<Command[]>(() => {
    const own: Command[] = [];
    if (/^\d+$/.test(typed.trim()))
      own.push({ id: 'goto', name: `Go to step ${typed.trim()}`, keys: [], run: () => onGoTo(Number(typed)) });
    if (OPERATION.test(typed))
      own.push({ id: 'add', name: `Add ${typed.trim()}`, keys: [], run: () => onAdd(typed.trim()) });
    return [...own, ...matching(commands, typed)];
  }, [commands, typed, onAdd, onGoTo]);
  const chosen = Math.min(at, entries.length - 1);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  useEffect(() => {
    const { ahead, set } = useUi.getState();
    set({ ahead: '' });
    if (ahead.includes('\n')) run(entries[0]);
    // Only what was typed before the box had come.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') run(entries[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Do anything" onClose={onClose}>
      <input
        className={style.search}
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={entries.length > 0 ? `${id}-${chosen}` : undefined}
        aria-autocomplete="list"
        aria-label="Command, step or operation"
        placeholder="a command, a step's number, or write(a + 2M)"
        spellCheck={false}
        autoComplete="off"
        data-first
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <div role="listbox" id={id} aria-label="Commands" className={style.results} tabIndex={-1}>
        {entries.map((command, i) => (
          <div
            key={command.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={style.option}
            ref={i === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => run(command)}
            onPointerMove={() => setAt(i)}
          >
            <span>{command.name}</span>
            {command.keys[0] ? <kbd>{chordText(command.keys[0])}</kbd> : null}
          </div>
        ))}
      </div>
      {entries.length === 0 ? <p className={style.says}>Nothing by that name.</p> : null}
    </Dialog>
  );
}

import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { ScenarioLine } from './scenario-lines';
import style from './scenario.module.css';

/** Lines around the one in view that are drawn when there are many. */
const WINDOW = 200;

/** May wrap after a comma or a bar. */
function breakable(text: string) {
  return text.split(/(?<=[,|])(?=\S)/).map((part, i) => (
    <span key={`${i}${part}`}>
      {i > 0 ? <wbr /> : null}
      {part}
    </span>
  ));
}

/** The scenario as lines: the operation just done is marked, what each came to stands beneath it in grey; a click goes there. */
export function Lines({
  lines,
  currentLine,
  results,
  wrong,
  done,
  onGo,
  onEdit,
}: {
  lines: readonly ScenarioLine[];
  currentLine: number;
  results: ReadonlyMap<number, string>;
  /** Lines with something wrong. */
  wrong: ReadonlySet<number>;
  /** Operations done. */
  done: number;
  onGo: (k: number) => void;
  onEdit: (line: number) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const [from, setFrom] = useState(0);
  const many = lines.length > 2 * WINDOW;
  const at = Math.max(0, currentLine - 1);
  useEffect(() => {
    if (many) setFrom(Math.max(0, at - WINDOW));
  }, [many, at]);
  useEffect(() => {
    const box = list.current;
    const now = box?.querySelector<HTMLElement>('[aria-current="step"]');
    if (!box || !now) {
      if (box && currentLine === 0) box.scrollTop = 0;
      return;
    }
    const row = now.parentElement!;
    const over = row.offsetTop + row.offsetHeight + 24 - (box.scrollTop + box.clientHeight);
    if (over > 0) box.scrollTop += over;
    else if (row.offsetTop - 24 < box.scrollTop) box.scrollTop = Math.max(0, row.offsetTop - 24);
  }, [currentLine, from]);
  const shown = many ? lines.slice(from, from + 2 * WINDOW) : lines;
  const firstStep = shown.find(({ kind }) => kind === 'step')?.line ?? 0;
  const focusable = shown.some(({ line, kind }) => line === currentLine && kind === 'step') ? currentLine : firstStep;
  const key = (event: KeyboardEvent<HTMLOListElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
    const now = buttons.indexOf(document.activeElement as HTMLElement);
    if (now < 0) return;
    const to = event.key === 'ArrowDown' ? now + 1 : event.key === 'ArrowUp' ? now - 1 : -1;
    if (to < 0 || to >= buttons.length) return;
    event.preventDefault();
    buttons[to].focus();
  };
  return (
    <ol ref={list} className={style.lines} onKeyDown={key} aria-label="Lines of the scenario">
      {many && from > 0 ? (
        <li className={style.elided}>
          <button type="button" tabIndex={-1} onClick={() => setFrom(Math.max(0, from - WINDOW))}>
            {from} lines above
          </button>
        </li>
      ) : null}
      {shown.map((line) => {
        const result = results.get(line.line);
        const now = line.line === currentLine;
        const number = (
          <span className={style.number} aria-hidden>
            {line.line}
          </span>
        );
        return (
          <li key={line.line} data-now={now || undefined} data-wrong={wrong.has(line.line) || undefined}>
            {line.kind === 'step' ? (
              <button
                type="button"
                className={style.line}
                aria-current={now ? 'step' : undefined}
                data-ahead={line.k > done || undefined}
                tabIndex={line.line === focusable ? 0 : -1}
                onClick={() => onGo(line.k)}
                onDoubleClick={() => onEdit(line.line)}
              >
                {number}
                <code className={style.code}>{breakable(line.text)}</code>
                {result ? <samp className={style.result}>{result}</samp> : null}
              </button>
            ) : (
              <div className={style.line} data-kind={line.kind} onDoubleClick={() => onEdit(line.line)}>
                {number}
                <code className={style.code}>
                  {line.kind === 'comment' ? line.text.replace(/^\s*#\s?/, '') : breakable(line.text)}
                </code>
                {result ? <samp className={style.result}>{result}</samp> : null}
              </div>
            )}
          </li>
        );
      })}
      {many && from + 2 * WINDOW < lines.length ? (
        <li className={style.elided}>
          <button type="button" tabIndex={-1} onClick={() => setFrom(from + WINDOW)}>
            {lines.length - from - 2 * WINDOW} lines below
          </button>
        </li>
      ) : null}
    </ol>
  );
}

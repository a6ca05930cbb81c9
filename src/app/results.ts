/** What each line of the scenario came to: in a word as far as it has run, with the figures that changed as far as it was seen. */
import { ulongText } from '../base/units';
import { useEffect, useMemo, useState } from 'react';
import type { Counter, Moment } from '../history/picture';
import { useActions, useSession } from './session';

const COUNTED = /^HugePages_|^Vm(?:RSS|PTE)$/;

/** `Free 7 → 6 · Rsvd 3 → 2`. */
function countersText(counters: readonly Counter[]): string {
  return counters
    .filter(({ name }) => COUNTED.test(name))
    .slice(0, 3)
    .map(
      ({ name, was, now, unit }) =>
        `${name.replace('HugePages_', '')} ${ulongText(was)} → ${ulongText(now)}${unit === 'kB' ? ' kB' : ''}`,
    )
    .join(' · ');
}

function textOf(moment: Moment): string {
  const { ending, counters, unexpected } = moment;
  if (ending === null) return '';
  return [ending.text, unexpected ? `expected ${unexpected}` : '', countersText(counters)].filter(Boolean).join('   ');
}

/** Whole lines at the beginning that are the same in both. */
function linesInCommon(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  let lines = 0;
  let i = 0;
  for (; i < n && a.charCodeAt(i) === b.charCodeAt(i); i++) if (a.charCodeAt(i) === 10) lines++;
  return i === a.length && i === b.length ? lines + 1 : lines;
}

/** Results by line: of what the run has reached, and in full of what was seen. */
export function useResults(): ReadonlyMap<number, string> {
  const seen = useSeen();
  const marks = useSession(({ pictures, scenario }) =>
    scenario.loaded?.text === scenario.text ? pictures.left?.timeline?.marks : undefined,
  );
  return useMemo(() => {
    const all = new Map<number, string>();
    for (const { line, came } of marks ?? []) if (came !== '') all.set(line, came);
    for (const [line, said] of seen) all.set(line, said);
    return all;
  }, [marks, seen]);
}

/** What was seen, by line. A change of the text forgets it from the first changed line on. */
function useSeen(): ReadonlyMap<number, string> {
  const { store } = useActions();
  const [results, setResults] = useState<ReadonlyMap<number, string>>(new Map());
  useEffect(() => {
    let text = store.getState().scenario.text;
    let seen = new Map<number, string>();
    // What stood there when the text changed is a moment of the text before.
    let before: Moment | undefined;
    return store.subscribe((state) => {
      const { scenario, pictures } = state;
      let next = seen;
      if (scenario.text !== text) {
        before = pictures.left?.moment;
        const same = linesInCommon(text, scenario.text);
        text = scenario.text;
        next = new Map([...next].filter(([line]) => line <= same));
      }
      const moment = pictures.left?.moment;
      if (moment?.statement && moment !== before && moment.ending && scenario.loaded?.text === text) {
        const said = textOf(moment);
        if (next.get(moment.statement.line) !== said) next = new Map(next).set(moment.statement.line, said);
      }
      if (next !== seen) {
        seen = next;
        setResults(next);
      }
    });
  }, [store]);
  return results;
}

/** What each line of the scenario came to, as far as it has been seen. */
import { useEffect, useState } from 'react';
import type { Counter, Moment } from '../history/picture';
import { useActions } from './session';

const COUNTED = /^HugePages_|^Vm(?:RSS|PTE)$/;

/** `Free 7 → 6 · Rsvd 3 → 2`. */
function countersText(counters: readonly Counter[]): string {
  return counters
    .filter(({ name }) => COUNTED.test(name))
    .slice(0, 3)
    .map(({ name, was, now, unit }) => `${name.replace('HugePages_', '')} ${was} → ${now}${unit === 'kB' ? ' kB' : ''}`)
    .join(' · ');
}

function textOf(moment: Moment): string {
  const { ending, counters, unexpected } = moment;
  if (ending === null) return '';
  return [ending.text, unexpected ? `expected ${unexpected}` : '', countersText(counters)].filter(Boolean).join('   ');
}

/** Results by line. A change of the text forgets those from the first changed line on. */
export function useResults(): ReadonlyMap<number, string> {
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
        const old = text.split('\n');
        const after = scenario.text.split('\n');
        let same = 0;
        while (same < old.length && same < after.length && old[same] === after[same]) same++;
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

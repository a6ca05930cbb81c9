/** Which lines of a design's file run at a step of a call site. */
import type { SourcePlace } from '../../history/picture';

/** What a line must say to be the one that runs, by step. */
const STEPS: Readonly<Record<string, RegExp>> = {
  load: /Ev\.TableLoad\b/,
  null: /Ev\.NullTest\b/,
  member: /Ev\.MemberLoad\b/,
  flag: /Ev\.FlagTest\b/,
  index: /Ev\.IndexLoad\b/,
  call: /Ev\.(?:IndirectCall|DirectCall)\b/,
  generic: /Ev\.GenericWay\b/,
};

export interface RunningLines {
  /** Line of the call site's own function, counted from 0; −1 where the file has none. */
  readonly site: number;
  /** Line that runs; −1 for none. */
  readonly running: number;
}

/** Finds them by what the lines say, so that a design's file needs no marks of its own. */
export function runningLines(lines: readonly string[], place: SourcePlace): RunningLines {
  const named = new RegExp(`^\\s*${place.site}\\s*[:(]`);
  let site = lines.findIndex((line) => named.test(line));
  if (site < 0) site = lines.findIndex((line) => /^\s*is_hugetlb\s*[:(]/.test(line));
  const says = STEPS[place.step];
  if (!says) return { site, running: site };
  let end = site;
  if (site >= 0 && /\{\s*$/.test(lines[site])) {
    const indent = /^\s*/.exec(lines[site])![0];
    end = lines.findIndex((line, i) => i > site && line.startsWith(`${indent}}`));
    if (end < 0) end = lines.length - 1;
  }
  if (site >= 0) for (let i = site; i <= end; i++) if (says.test(lines[i])) return { site, running: i };
  const anywhere = lines.findIndex((line) => says.test(line));
  return { site, running: anywhere < 0 ? site : anywhere };
}

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

/** The sites at which a routine is asked for; at the others a yes or no. */
const HANDLERS = ['fault', 'copy_vma', 'pin_pages', 'change_protection', 'unmap_page_range', 'free_pgtable_range'];

export interface RunningLines {
  /** Line at which the design answers the call site, counted from 0; −1 where the file has none. */
  readonly site: number;
  /** Line that runs; −1 for none. */
  readonly running: number;
}

const find = (lines: readonly string[], says: RegExp): number => lines.findIndex((line) => says.test(line));

/** Line at which the function ends that begins at `from`. */
function endOf(lines: readonly string[], from: number): number {
  if (!/\{\s*$/.test(lines[from])) return from;
  const indent = /^\s*/.exec(lines[from])![0];
  const end = lines.findIndex((line, i) => i > from && line.startsWith(`${indent}}`));
  return end < 0 ? lines.length - 1 : end;
}

/** Finds them by what the lines say, so that a design's file needs no marks of its own. */
export function runningLines(lines: readonly string[], { site: name, step }: SourcePlace): RunningLines {
  const site = [
    new RegExp(`^function ${name}\\b`),
    new RegExp(`^\\s+${name}\\s*[:(,]`),
    HANDLERS.includes(name) ? /everySite\(/ : /^\s+is_hugetlb\s*[:(,]/,
  ]
    .map((says) => find(lines, says))
    .find((line) => line >= 0);
  const says = STEPS[step];
  if (!says) return { site: site ?? -1, running: site ?? -1 };
  if (site !== undefined)
    for (let i = site, end = endOf(lines, site); i <= end; i++) if (says.test(lines[i])) return { site, running: i };
  const anywhere = find(lines, says);
  return { site: site ?? -1, running: anywhere < 0 ? (site ?? -1) : anywhere };
}

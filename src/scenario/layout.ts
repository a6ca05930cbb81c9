/** Programs that the head lays out, as the machine's `exec` takes them. */
import type { Operation } from '../engine/operation';
import type { Refused } from '../history/source';
import type { Head } from './head';

/** Numbers that stand for one area among `exec`'s arguments: start, end, permissions, offset, pages present. */
const PERMS = ['r', 'w', 'x', 's'];

/** Starts a program: its areas one after another, the names as lines. */
export function execOperation(who: number, program: string, head: Head): Operation | Refused {
  const layout = head.layouts.get(program);
  if (layout === undefined) return { refused: `The head has no layout of “${program}”.` };
  const args = [layout.mmap_base, layout.brk];
  const names = [program];
  for (const area of layout.areas) {
    const perms = PERMS.reduce((bits, letter, i) => bits | (area.perms[i] === letter ? 1 << i : 0), 0);
    args.push(area.start, area.end, perms, area.offset, area.present);
    names.push(area.name);
  }
  return { who, op: 'exec', args, path: names.join('\n') };
}

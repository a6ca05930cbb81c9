/** What an operation came to, in a word. */
import { hex } from '../../base/units';
import { errnoName } from '../../engine/errno';
import type { OperationName } from '../../engine/operation';
import { signalName } from '../event-text';
import type { Ending } from '../picture';
import type { Run } from '../run';
import { isRefused } from '../source';

/** Operations that answer with an address. */
const ADDRESS = new Set<OperationName>(['mmap', 'mremap', 'brk', 'shmat']);
const NUMBER = new Set<OperationName>(['open', 'memfd', 'fork', 'mincore']);

export function endingOf(run: Run, k: number): Ending {
  const operation = run.log.operation(k - 1);
  if (isRefused(operation)) return { kind: 'errno', text: 'not carried out' };
  const { ret, err, sig } = run.log.outcome(k - 1);
  if (sig !== 0) return { kind: 'signal', text: signalName(sig) };
  if (err !== 0) return { kind: 'errno', text: errnoName(err) };
  if (ADDRESS.has(operation.op)) return { kind: 'ok', text: `→ 0x${hex(ret)}` };
  if (NUMBER.has(operation.op) && ret !== 0) return { kind: 'ok', text: `→ ${ret}` };
  return { kind: 'ok', text: '' };
}

/** Whether the operation went through a routine, as far as its events were kept. */
import { Ev } from '../../engine/events';
import type { Tale } from './say';

export function enteredRoutine(tale: Tale, routine: number): boolean {
  const { recording } = tale.scene;
  for (let i = 0; i < recording.kept; i++) {
    if (recording.kind(i) === Ev.Enter && recording.operand(i, 0) === routine) return true;
  }
  return false;
}

/** Links: what stands after `#` in the address. */
import type { Session } from '../store/session';

/** Opens the scenario of a link. False if it could not be opened; then the person has been told why. */
export function openLink(_session: Session, _hash: string): Promise<boolean> {
  return Promise.resolve(false);
}

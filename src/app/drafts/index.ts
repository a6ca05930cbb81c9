/** The drafts of this page: the owner of drafts with this browser's own storage and locks behind it. */
import { mayKeep, storageArea, tabWord } from '../storage';
import { createArchive } from './archive';
import { createDrafts, type Unkept } from './drafts';
import { createJournal } from './journal';
import { createOwners } from './owners';

let listener: (why: Unkept) => void = () => undefined;

/** Calls back when this page alone holds a text: once for each reason. */
export function onUnkept(told: (why: Unkept) => void): void {
  listener = told;
}

const ask = (event: Event): void => event.preventDefault();

export const drafts = createDrafts({
  journal: createJournal(storageArea),
  archive: createArchive(mayKeep),
  owners: createOwners(navigator.locks as LockManager | undefined),
  tab: tabWord,
  unkept: (why) => listener(why),
  guard(alone) {
    if (alone) addEventListener('beforeunload', ask);
    else removeEventListener('beforeunload', ask);
  },
  later(task, ms) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
});

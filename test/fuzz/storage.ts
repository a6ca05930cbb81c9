/** What storage holds, and may be anybody's: entries of every form are read as drafts, or passed over. */
import { asDraft, headOf, isWork } from '../../src/app/drafts/draft';
import { createJournal } from '../../src/app/drafts/journal';
import { damage } from './frame/damage';
import type { Kind } from './frame/kind';

const SEEDS = [
  JSON.stringify({
    text: 'title: A\npool(1)\n',
    k: 2,
    opened: 'pool(1)\n',
    address: '#ex=moving',
    time: 1,
    writer: 'w',
  }),
  JSON.stringify({ text: 'pool(1)\n', k: 2, opened: '', time: 1 }),
  '{"text":"x","k":-1,"time":1e400,"address":"javascript:alert(1)"}',
];

const kind: Kind = {
  what: 'storage: entries of every form in the place of drafts',
  seeds: SEEDS,
  words: ['null', '[]', '{}', '"text"', '"__proto__"', '1e999', '-0', '"\\u2028"', '"#"', '"time"', 'NaN', '"address"'],
  draw: (random) => damage(random, SEEDS, kind.words),
  take(input) {
    const entries = new Map([
      ['mmscope.work.a', input],
      ['mmscope.draft.a', input.slice(1)],
    ]);
    const area = {
      ...Object.fromEntries(entries),
      getItem: (key: string) => entries.get(key) ?? null,
      setItem: (key: string, value: string) => void entries.set(key, value),
      removeItem: (key: string) => void entries.delete(key),
    } as unknown as Storage;
    const journal = createJournal(() => area);
    const draft = journal.read('a');
    if (draft === null) return '';
    const { text, k, opened, address, time, writer } = draft;
    if (typeof text !== 'string' || typeof opened !== 'string' || typeof writer !== 'string') return 'no text';
    if (!(Number.isInteger(k) && k >= 0 && Number.isFinite(time) && time >= 0)) return `step ${k}, time ${time}`;
    if (address !== null && address !== '' && !address.startsWith('#')) return `address ${address}`;
    const head = headOf(draft);
    if (head.title.length > 200 || head.lines < 1 || head.characters !== text.length) return JSON.stringify(head);
    isWork(draft);
    // What is written again is read as the same.
    if (journal.write(draft) !== 'kept') return 'not kept';
    const again = asDraft('a', JSON.parse(entries.get('mmscope.work.a')!));
    return JSON.stringify(again) === JSON.stringify(draft) ? '' : 'another draft when it is read again';
  },
};
export default kind;

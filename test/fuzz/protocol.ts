/** What page and worker say to one another: messages of any form get an answer, each one, and soon. */
import type { FromWorker, ToWorker } from '../../src/protocol/messages';
import { createRunner } from '../../src/protocol/runner';
import { damage } from './frame/damage';
import type { Kind } from './frame/kind';

const TEXT = 'a = mmap(NULL, 64K, rw, PRIVATE|ANON)\ntouch(a, 64K)\nb = fork()\nb: munmap(a, 8K)\nexpect Rss(a) 64\n';
const pictures = {
  areas: { who: 0, maxMarks: 50, keep: [] },
  tree: { who: 0, auto: true, open: [], folded: [], maxMarks: 60 },
  pool: { maxCells: 100 },
  frames: { who: null, from: 0, count: 64 },
  path: { maxSteps: 100 },
  proc: { who: 0, file: 'maps', maxLines: 20 },
  timeline: { maxMarks: 40 },
};
const ask = (question: string, what: unknown): string => JSON.stringify({ type: 'ask', id: 1, question, ask: what });
const kind: Kind = {
  what: 'messages to the worker: any question, in any order',
  seeds: [
    [
      ask('load', { text: TEXT, design: '', other: 'flag' }),
      ask('show', { at: { k: 2, event: null }, pictures }),
      ask('show', { at: { k: 2, event: null }, move: 'next', side: 'right', pictures }),
      ask('fellows', { refs: ['area:3', 'entry:5:443', 'frame:512'] }),
    ].join('\n'),
    [
      ask('load', { text: TEXT, design: 'ops', other: '' }),
      ask('edit', { text: `${TEXT}munmap(a, 64K)\n`, amend: false }),
      ask('branch', { id: 1 }),
      ask('designs', { design: 'flag', other: 'ops' }),
      ask('run', { to: 3 }),
      ask('finish', {}),
    ].join('\n'),
    [
      ask('load', { text: TEXT, design: '', other: 'flag' }),
      ask('compare', { other: 'flag' }),
      ask('ledger', { designs: ['ops', 'flag'] }),
      ask('find', { what: 'difference' }),
      ask('tlb', { who: 0 }),
      ask('proc', { who: 0, file: 'smaps' }),
      ask('export', { as: 'jsonl' }),
      ask('import', { files: [{ name: 'x', text: 'brk(NULL) = 0x4e0000\n' }] }),
      ask('ping', {}),
      '{"type":"cancel","id":1}',
    ].join('\n'),
  ],
  words: [
    'null',
    '-1',
    '1e9',
    '[]',
    '{}',
    '"__proto__"',
    '"ask"',
    '"cancel"',
    '"show"',
    '"load"',
    'true',
    '0.5',
    '"area:1"',
    '""',
  ],
  draw(random) {
    return damage(random, kind.seeds, kind.words);
  },
  async take(input) {
    const messages: ToWorker[] = [];
    for (const line of input.slice(0, 20_000).split('\n').slice(0, 40))
      try {
        messages.push(JSON.parse(line) as ToWorker);
      } catch {
        messages.push(line as unknown as ToWorker);
      }
    const open = new Set<unknown>();
    const wrong: string[] = [];
    const later: (() => void)[] = [];
    const runner = createRunner(
      (message: FromWorker) => {
        if (message.type === 'progress') return;
        open.delete(message.id);
        if (message.type === 'problem' && message.problem.kind === 'mistake') wrong.push(message.problem.message);
      },
      { now: () => performance.now(), later: (task) => void later.push(task) },
    );
    for (const [i, message] of messages.entries()) {
      const numbered = typeof message === 'object' && message !== null ? { ...message, id: i + 1 } : message;
      if (typeof numbered === 'object' && numbered.type === 'ask') open.add(i + 1);
      runner.receive(numbered);
    }
    for (let turn = 0; turn < 2000 && open.size > 0; turn++) {
      for (const task of later.splice(0)) task();
      await Promise.resolve();
    }
    if (wrong.length > 0) return `the machine says that it made a mistake: ${wrong[0]}`;
    return open.size === 0 ? '' : `no answer to ${[...open].join(', ')}`;
  },
};
export default kind;

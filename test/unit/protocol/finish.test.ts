import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS } from '../../../src/engine/designs/designs';
import type { Finish, FromWorker } from '../../../src/protocol/messages';
import { createRunner } from '../../../src/protocol/runner';

/** Loads a scenario under a design and runs it to its end. */
async function finishOf(text: string, design = ''): Promise<Finish> {
  let heard: (message: FromWorker) => void = () => undefined;
  const runner = createRunner((message) => heard(message), {
    now: () => performance.now(),
    later: (task) => setImmediate(task),
  });
  const answer = (id: number) =>
    new Promise<FromWorker>((resolve) => {
      heard = (message) => {
        if (message.id === id && message.type !== 'progress') resolve(message);
      };
    });
  const loaded = answer(1);
  runner.receive({ type: 'ask', id: 1, question: 'load', ask: { text, design, other: '' } });
  await loaded;
  const finished = answer(2);
  runner.receive({ type: 'ask', id: 2, question: 'finish', ask: {} });
  const message = await finished;
  if (message.type !== 'answer') throw new Error(JSON.stringify(message));
  return message.answer as Finish;
}

const TWO = `pool(2)
a = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0)
write(a)
`;

describe('what a whole run comes to', () => {
  test('is the same under every design of Linux, and another after another operation', async () => {
    const ops = await finishOf(TWO, 'ops');
    expect(ops.n).toBe(3);
    expect(ops.unexpected).toBe(0);
    for (const design of LINUX_DESIGNS) expect(await finishOf(TWO, design), design).toEqual(ops);
    expect((await finishOf(`${TWO}write(a + 2M)\n`)).fingerprint).not.toBe(ops.fingerprint);
  });

  test('names each operation that the scenario expected otherwise, with its line', async () => {
    const { differences, unexpected } = await finishOf(`# one\n${TWO}munmap(a, 4M) → ENOMEM\n`);
    expect(unexpected).toBe(1);
    expect(differences).toEqual([{ k: 4, line: 5, text: expect.stringMatching(/^expected → ENOMEM, found → 0/) }]);
  });

  test('of an empty scenario is the state that it begins with', async () => {
    expect(await finishOf('')).toMatchObject({ n: 0, unexpected: 0, differences: [] });
  });
});

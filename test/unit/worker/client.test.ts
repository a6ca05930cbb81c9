import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClient, NoAnswer, STOP, type Said } from '../../../src/worker/client';
import type { Problem } from '../../../src/protocol/messages';
import { TestWorker } from '../protocol/page';

const TEXT = 'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\n';
const load = { text: TEXT, design: '', other: '' };
const problemOf = (error: unknown): string => (error instanceof NoAnswer ? error.problem.kind : 'none');

function staffed() {
  const workers: TestWorker[] = [];
  const restarts: Problem[] = [];
  const client = createClient(
    () => {
      const worker = new TestWorker();
      workers.push(worker);
      return worker;
    },
    { patience: 1_000, grace: 500 },
  );
  client.onRestart((problem) => restarts.push(problem));
  return { client, workers, restarts };
}

afterEach(() => vi.useRealTimers());

describe('the client of a worker', () => {
  test('asks and is answered', async () => {
    const { client } = staffed();
    expect((await client.ask('load', load)).n).toBe(2);
    expect(client.busy).toBe(false);
    const shown = await client.ask('show', { at: { k: 2, event: null }, pictures: {} });
    expect(shown.moment.statement!.text).toBe('write(a)');
    client.end();
  });

  test('hears a mistake as a problem, not as silence', async () => {
    const { client } = staffed();
    expect(await client.ask('show', { at: { k: 0, event: null }, pictures: {} }).catch(problemOf)).toBe('invalid');
    client.end();
  });

  test('replaces a worker that crashed, and tells everyone who waits', async () => {
    const { client, workers, restarts } = staffed();
    await client.ask('load', load);
    const lost = client.ask('run', { to: Infinity }).catch(problemOf);
    workers[0]!.crash();
    expect(await lost).toBe('crash');
    expect(workers.length).toBe(2);
    expect(workers[0]!.terminated).toBe(true);
    expect(restarts.map((p) => p.kind)).toEqual(['crash']);
    expect((await client.ask('load', load)).n).toBe(2);
    client.end();
  });

  test('asks a silent worker whether it lives, and replaces it when it does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, workers, restarts } = staffed();
    workers[0]!.hung = true;
    const lost = client.ask('load', load).catch(problemOf);
    vi.advanceTimersByTime(1_001);
    expect(workers[0]!.heard.at(-1)).toMatchObject({ question: 'ping' });
    expect(restarts).toEqual([]);
    vi.advanceTimersByTime(501);
    expect(await lost).toBe('hang');
    expect(restarts.map((p) => p.kind)).toEqual(['hang']);
    client.end();
  });

  test('hears at once that a worker has ended, asked or not', async () => {
    const ends: (() => void)[] = [];
    const workers: TestWorker[] = [];
    const restarts: Problem[] = [];
    const client = createClient(
      () => {
        const worker = new TestWorker();
        workers.push(worker);
        return worker;
      },
      {
        ended: (lock) =>
          lock === 'of one' ? new Promise((resolve) => ends.push(resolve)) : Promise.reject(new Error()),
      },
    );
    client.onRestart((problem) => restarts.push(problem));
    const say = (worker: TestWorker, lock: string) =>
      worker.onmessage!({ data: { type: 'lives', lock } } as MessageEvent<Said>);
    say(workers[0]!, 'of one');
    await client.ask('load', load);
    expect(restarts).toEqual([]);
    ends[0]!();
    await vi.waitFor(() => expect(restarts.map((problem) => problem.kind)).toEqual(['crash']));
    expect(workers.length).toBe(2);
    // Where there are no locks, nothing is taken for an end.
    say(workers[1]!, 'of another');
    expect((await client.ask('load', load)).n).toBe(2);
    expect(workers.length).toBe(2);
    client.end();
  });

  test('gives a silent worker three seconds by itself, and longer for a text that is long to read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    for (const [length, from, to] of [
      [10, 2_700, 2_900],
      [2_000_000, 14_700, 14_900],
    ] as const) {
      const restarts: Problem[] = [];
      const worker = new TestWorker();
      worker.hung = true;
      const client = createClient(() => worker);
      client.onRestart((problem) => restarts.push(problem));
      client.ask('load', { ...load, text: '#'.repeat(length) }).catch(() => undefined);
      vi.advanceTimersByTime(from);
      expect(restarts).toEqual([]);
      vi.advanceTimersByTime(to - from);
      expect(restarts.map((problem) => problem.kind)).toEqual(['hang']);
      client.end();
    }
  });

  test('does not take its own sleep for the worker’s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { client, workers, restarts } = staffed();
    workers[0]!.hung = true;
    client.ask('load', load).catch(() => undefined);
    vi.advanceTimersByTime(1_001);
    // The page stands still for a minute, in the middle of the grace.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    vi.advanceTimersByTime(501);
    expect(restarts).toEqual([]);
    vi.advanceTimersByTime(1_501);
    expect(restarts.map((problem) => problem.kind)).toEqual(['hang']);
    vi.restoreAllMocks();
    client.end();
  });

  test('leaves a worker alone from which nothing is wanted', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, workers } = staffed();
    await client.ask('load', load);
    vi.advanceTimersByTime(60_000);
    expect(workers.length).toBe(1);
    client.end();
  });

  test('passes a wish to stop on', async () => {
    const { client } = staffed();
    await client.ask('load', { ...load, text: TEXT + 'write(a, 16)\nmadvise(a, 64K, DONTNEED)\n'.repeat(3_000) });
    const abort = new AbortController();
    const run = client.ask('run', { to: Infinity }, { signal: abort.signal }).catch(problemOf);
    abort.abort();
    expect(await run).toBe('cancelled');
    client.end();
    expect(await client.ask('ping', {}).catch(problemOf)).toBe('cancelled');
  });

  test('ends a worker that does not hear that a person wants it to stop, and begins another', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, workers, restarts } = staffed();
    await client.ask('load', load);
    const [overtaken, stopped] = [new AbortController(), new AbortController()];
    workers[0]!.hung = true;
    const one = client.ask('run', { to: Infinity }, { signal: overtaken.signal }).catch(problemOf);
    overtaken.abort();
    vi.advanceTimersByTime(190);
    expect(workers.length).toBe(1);
    const other = client.ask('run', { to: Infinity }, { signal: stopped.signal }).catch(problemOf);
    stopped.abort(STOP);
    vi.advanceTimersByTime(190);
    expect([await one, await other, workers.length, restarts[0]?.kind]).toEqual(['stopped', 'stopped', 2, 'stopped']);
    client.end();
  });

  test('hears from inside an operation how far it is', async () => {
    const { client } = staffed();
    await client.ask('load', { ...load, text: 'a = mmap(NULL, 2G, rw, PRIVATE|ANON)\ntouch(a, 2G)\n' });
    const steps: number[] = [];
    await client.ask('run', { to: Infinity }, { progress: (_done, _of, inside) => steps.push(inside) });
    expect(steps.some((n) => n > 8000)).toBe(true);
    client.end();
  });
});

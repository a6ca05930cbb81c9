import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newVersions, noRoom, seedFaults, tabCrashes, workerEnds } from '../kept/faults';
import { openHarness, type Harness } from '../kept/harness';
import { trySequences } from '../kept/sequences';

/** A share of what `npm run -s bench -- crashes` tries in full. */
let harness: Harness;
beforeAll(async () => {
  seedFaults(7);
  harness = await openHarness();
});
afterAll(() => harness.close());

describe('nothing is lost', () => {
  test('when the worker ends at any moment', async () => {
    const { wrong } = await workerEnds(harness, 25);
    expect(wrong).toEqual([]);
  });

  test('when a tab crashes', async () => {
    expect((await tabCrashes(harness, 5)).wrong).toEqual([]);
  });

  test('when there is no room', async () => {
    expect((await noRoom(harness, 4)).wrong).toEqual([]);
  });

  test('when the site is renewed under open tabs', async () => {
    expect((await newVersions(2)).wrong).toEqual([]);
  });

  test('whatever a person does in two tabs', { timeout: 600_000 }, async () => {
    const steps = await trySequences(harness, { runs: 100, seed: 7, real: false, maxLength: 10 });
    expect(steps).toBeGreaterThan(100);
  });
});

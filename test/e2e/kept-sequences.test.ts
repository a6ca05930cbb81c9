import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHarness, type Harness } from '../kept/harness';
import { trySequences } from '../kept/sequences';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

test('whatever a person does in two tabs, no text is lost', async () => {
  const runs = Number(process.env.RUNS ?? 100);
  const steps = await trySequences(harness, { runs, seed: Number(process.env.SEED ?? 7), real: false, maxLength: 10 });
  expect(steps).toBeGreaterThan(runs);
});

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conformanceOf, corpusFiles, describe as describeDisagreement } from '../../src/cli/conformance';
import { LINUX_DESIGNS } from '../../src/engine/designs/designs';

const SCRIPTS = join(import.meta.dirname, '../oracle/scripts.jsonl.gz');
const SCRIPT_NAMES = readdirSync(join(import.meta.dirname, '../oracle/scripts'));

describe("a real kernel's recorded answers", () => {
  test('the corpus is there: 20 kinds, and 10 that cross what those keep apart', () => {
    expect(corpusFiles()).toHaveLength(30);
  });

  for (const path of corpusFiles()) {
    test(`${basename(path, '.jsonl.gz')}: every field after every operation, under every design`, () => {
      for (const [design, kinds] of conformanceOf([path], { designs: LINUX_DESIGNS, show: 0 })) {
        for (const [kind, tally] of kinds) {
          expect(tally.traces).toBeGreaterThanOrEqual(16);
          const first = tally.disagreements[0];
          expect(first === undefined ? '' : `${design} ${kind}\n${describeDisagreement(first)}`).toBe('');
          expect({ traces: tally.whole, operations: tally.agreed }).toEqual({
            traces: tally.traces,
            operations: tally.operations,
          });
        }
      }
    });
  }

  test('scripts of special cases (test/oracle/scripts), under every design', () => {
    for (const [design, scripts] of conformanceOf([SCRIPTS], { designs: LINUX_DESIGNS, show: 0 })) {
      const { traces, disagreements } = scripts.get('script')!;
      expect(disagreements.map((d) => `${design}\n${describeDisagreement(d)}`)).toEqual([]);
      expect(traces).toBe(SCRIPT_NAMES.length);
    }
  });
});

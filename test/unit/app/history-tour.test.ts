import { describe, expect, test } from 'vitest';
import { STOPS } from '../../../src/app/history-tour/stops';
import { CATALOGUE } from '../../../src/app/catalogue';
import { DESIGN_NAMES, DESIGNS, isDesignName } from '../../../src/engine/designs/designs';
import { Recorder } from '../../../src/engine/events';
import { validate } from '../../../src/engine/validate';
import { isRefused } from '../../../src/history/source';
import { readWorkload, machineFor } from '../../../src/protocol/workload';
import { run } from '../../../src/scenario/run';

describe('the told history', () => {
  test('has nineteen stops, each with a source, a question and a verdict', () => {
    expect(STOPS.length).toBe(19);
    for (const stop of STOPS) {
      for (const text of [stop.title, stop.says, stop.shows, stop.verdict, ...Object.values(stop.source)])
        expect(text.length, stop.title).toBeGreaterThan(3);
      expect(stop.question.choices.length).toBeGreaterThan(1);
      expect(stop.question.choices[stop.question.answer], stop.title).toBeDefined();
      expect(stop.designs.every(isDesignName), stop.title).toBe(true);
    }
  });

  test.each(STOPS.map((stop) => [stop.title, stop] as const))(
    '%s: the scenario parses, runs, and holds',
    (_title, stop) => {
      const workload = readWorkload(stop.scenario);
      expect(workload.diagnostics).toEqual([]);
      const m = machineFor(workload, stop.designs[0]);
      expect(m.design).toBe(DESIGNS[stop.designs[0] as keyof typeof DESIGNS]);
      const { findings, steps } = run(workload.program, m);
      expect(findings.filter((finding) => !finding.holds)).toEqual([]);
      expect(steps).toBe(workload.source.length);
      // Nothing breaks, but where the stop is about that.
      const broken = validate(m).length > 0;
      expect(broken).toBe(/faulty_device|broken-/.test(stop.scenario));
    },
  );

  test('the refusals that the stops speak of happen under the design beside', () => {
    const outcomes = (title: string, design: string): number[] => {
      const workload = readWorkload(STOPS.find((stop) => stop.title === title)!.scenario);
      const m = machineFor(workload, design);
      const env = workload.source.start();
      return Array.from({ length: workload.source.length }, (_, k) => {
        const operation = workload.source.resolve(k, env);
        if (isRefused(operation)) return -1;
        m.executeUntil(operation, new Recorder());
        workload.source.learn(k, env, operation, { ...m.outcome });
        return m.outcome.err;
      });
    };
    expect(outcomes('No carte blanche', 'flag')).toContain(19);
    expect(outcomes('No carte blanche', 'ops')).not.toContain(19);
    expect(outcomes('A number instead of a pointer', 'ops')).not.toContain(19);
  });
});

describe('the catalogue of designs', () => {
  test('tells of every design, once', () => {
    expect(CATALOGUE.map((entry) => entry.design)).toEqual(DESIGN_NAMES);
    for (const entry of CATALOGUE)
      for (const text of Object.values(entry).filter((value) => typeof value === 'string'))
        expect(text.length, entry.design).toBeGreaterThan(2);
  });

  test('says truly whom each design lets in', () => {
    for (const entry of CATALOGUE) {
      const accepts = (path: string): boolean => {
        const workload = readWorkload(`fd = open("${path}", O_RDWR)\na = mmap(NULL, 2M, rw, PRIVATE, fd)\n`);
        const m = machineFor(workload, entry.design);
        run(workload.program, m);
        return m.outcome.err === 0;
      };
      expect([accepts('/dev/broken-free'), accepts('/dev/superpage')], entry.design).toEqual(
        { any: [true, true], hints: [false, true], none: [false, false] }[entry.drivers],
      );
    }
  });
});

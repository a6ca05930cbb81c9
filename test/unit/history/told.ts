/** Scenarios as text, run and looked at, for the tests of history and protocol. */
import { Run, type Scene } from '../../../src/history/run';
import type { PicturesRequest, Sentence } from '../../../src/history/picture';
import { picturesOf } from '../../../src/history/pictures/all';
import type { Env } from '../../../src/scenario/program';
import { machineFor, readWorkload } from '../../../src/protocol/workload';

const now = () => performance.now();

/** A run of the scenario, all of it known. */
export function runOf(text: string, design = 'ops'): Run<Env> {
  const workload = readWorkload(text);
  if (workload.diagnostics.length > 0) throw new Error(workload.diagnostics.map((d) => d.message).join('\n'));
  const run = new Run(workload.source, { create: () => machineFor(workload, design), now });
  run.advance(Infinity);
  return run;
}

/** The last moment of a scenario. */
export function endOf(text: string): Scene {
  const run = runOf(text);
  return run.stand(run.reached);
}

export const pictures = (scene: Scene, ask: PicturesRequest) => picturesOf(scene, ask, { branch: 1, branches: [] });

/** The sentence of the last moment. */
export const lastSentence = (text: string): string => words(pictures(endOf(text), {}).moment.sentence);

export const words = (sentence: Sentence): string => sentence.map((part) => part.text).join('');

export const EVERYTHING: PicturesRequest = {
  areas: { who: 0, maxRows: 200, maxSegments: 64 },
  tree: { who: 0, open: [], folded: [], maxMarks: 1200, auto: true },
  pool: { maxCells: 512 },
  frames: { who: null, maxCells: 1024, from: 0 },
  path: { maxSteps: 400 },
  timeline: { maxMarks: 400 },
  proc: { who: 0, file: 'smaps', maxLines: 2000 },
};

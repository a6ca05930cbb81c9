/** Carries out the operations of recorded traces on the machine. */
import { Replay } from '../engine/trace';
import { DESIGNS, type DesignName } from '../engine/designs/designs';
import { differences, type Difference } from './compare';
import { lineText, readTraces, type Trace } from './traces';

const start = (trace: Trace, design: DesignName): Replay =>
  new Replay(trace.header, trace.lines, { design: DESIGNS[design] });

/** Where a trace and the machine part. */
export interface Disagreement {
  readonly trace: Trace;
  /** Index of the operation in `trace.lines`. */
  readonly at: number;
  readonly fields: readonly Difference[];
}

/** What came of holding one trace against the machine. */
export interface Verdict {
  /** Operations that agree before the first that does not. */
  readonly agreed: number;
  readonly disagreement: Disagreement | null;
  /** Huge pages that khugepaged made meanwhile in the recording, and the machine after it. */
  readonly collapsed: number;
}

/** Replays a trace up to the first operation whose answer differs. A fault of the machine itself counts as one. */
export function judge(trace: Trace, design: DesignName): Verdict {
  let at = 0;
  let collapsed = 0;
  try {
    const run = start(trace, design);
    for (const line of trace.lines) {
      const answer = run.step(line);
      let fields = differences(line, answer);
      if (fields.length > 0) {
        const made = run.followKhugepaged(line);
        if (made > 0) fields = differences(line, { ...answer, ...run.observe() });
        collapsed += made;
      }
      if (fields.length > 0) return { agreed: at, disagreement: { trace, at, fields }, collapsed };
      at++;
    }
  } catch (e) {
    const machine = e instanceof Error ? (e.stack ?? e.message) : String(e);
    return {
      agreed: at,
      disagreement: { trace, at, fields: [{ field: 'threw', kernel: 'nothing', machine }] },
      collapsed,
    };
  }
  return { agreed: at, disagreement: null, collapsed };
}

/** `replay [--design NAME] FILE…`: writes the traces again with the machine's own answers. Returns the exit code. */
export function replay(files: readonly string[], design: DesignName): number {
  for (const path of files) {
    for (const trace of readTraces(path)) {
      process.stdout.write(`${trace.headerText}\n`);
      const run = start(trace, design);
      for (const line of trace.lines) process.stdout.write(`${lineText(run.step(line), run.lost)}\n`);
    }
  }
  return 0;
}

/** The scenario's text line by line, as the page shows it: which lines are steps, and which step stands on which line. */

export interface ScenarioLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly kind: 'step' | 'comment' | 'head' | 'expect' | 'blank';
  /** For a step its number, counted from 1; 0 otherwise. */
  readonly k: number;
}

const STEP = /^\s*(?:[A-Za-z_]\w*\s*:\s*)?(?:[A-Za-z_]\w*\s*=\s*)?[A-Za-z_]\w*\s*\(/;
const EXPECT = /^\s*(?:[A-Za-z_]\w*\s*:\s*)?(?:expect|predict)\b/;

/** Reads lines by their looks only: the worker's parser decides what they mean. */
export function scenarioLines(text: string): ScenarioLine[] {
  let k = 0;
  return text.split('\n').map((line, i) => {
    const kind =
      line.trim() === ''
        ? 'blank'
        : /^\s*#/.test(line)
          ? 'comment'
          : EXPECT.test(line)
            ? 'expect'
            : STEP.test(line)
              ? 'step'
              : 'head';
    return { line: i + 1, text: line, kind, k: kind === 'step' ? ++k : 0 };
  });
}

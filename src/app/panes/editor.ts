import type { ComponentType } from 'react';
import type { Diagnostic } from '../../scenario/scenario';

/** What any editor of a scenario is told. It holds no text of its own beyond what is being typed. */
export interface EditorProps {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Line of the operation just done, from 1; 0 for none. */
  readonly currentLine: number;
  /** What each line came to, by line, as far as it has run. */
  readonly results: ReadonlyMap<number, string>;
  /** Line on which typing begins, from 1. */
  readonly startLine: number;
  /** The whole text, after each change. */
  onChange(text: string): void;
  /** Escape: back to reading. */
  onDone(): void;
}
export type Editor = ComponentType<EditorProps>;

/** Every version of the link that was ever released, and how its text becomes today's. */
import { strToU8 } from 'fflate';
import { primed } from './coder';
import type { Model } from './model';
import { VOCABULARY_1 } from './vocabulary';

export interface Version {
  /** A model as it is before the first character. */
  readonly model: () => Model;
  /** Text of that version as text of the present one. */
  readonly migrate: (text: string) => string;
}

/** Reads the vocabulary once, at the first link. */
function vocabulary(text: string): () => Model {
  let ready: Model | null = null;
  return () => {
    // The end of a text, and the start of the next, are part of what it expects.
    ready ??= primed(Uint8Array.from([...strToU8(text), 255, 10]));
    return ready.copy();
  };
}

const VERSION_1: Version = { model: vocabulary(VOCABULARY_1), migrate: (text) => text };

export const VERSIONS: Readonly<Record<number, Version | undefined>> = { 1: VERSION_1 };

/** The version of links that are made now. */
export const VERSION = 1;
export const PRESENT = VERSION_1;

/** Work that is kept on this computer: one draft for each tab, and what was put aside when something else was opened. */
import { keep, kept, keptNames } from './storage';

export interface Draft {
  readonly text: string;
  readonly k: number;
  /** What it was opened as: unchanged text is not work. Empty where that is too long to keep twice. */
  readonly opened: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface KeptDraft extends Draft {
  readonly name: string;
}

const PREFIX = 'draft.';
const MOST = 8;

export const isWork = ({ text, opened }: Draft): boolean => text.trim() !== '' && text !== opened;

function readDraft(name: string): KeptDraft[] {
  try {
    const said = JSON.parse(kept(name) ?? 'null') as Partial<Draft> | null;
    if (said === null || typeof said.text !== 'string') return [];
    const number = (n: unknown) => (typeof n === 'number' ? n : 0);
    const opened = typeof said.opened === 'string' ? said.opened : '';
    return [{ name, text: said.text, opened, k: number(said.k), time: number(said.time) }];
  } catch {
    return [];
  }
}

/** All work that is kept, newest first. */
export const keptDrafts = (): KeptDraft[] =>
  keptNames()
    .filter((name) => name.startsWith(PREFIX))
    .flatMap(readDraft)
    .filter(isWork)
    .sort((a, b) => b.time - a.time);

/** Keeps a draft under a name of its own; the oldest give way. False if it could not be kept. */
export function keepDraft(name: string, draft: Draft): boolean {
  const text = JSON.stringify(draft);
  const others = keptDrafts().filter((other) => other.name !== PREFIX + name);
  for (const { name: old } of others.splice(MOST - 1)) keep(old, null);
  if (keep(PREFIX + name, text)) return true;
  const oldest = others.at(-1);
  if (oldest) keep(oldest.name, null);
  return keep(PREFIX + name, text);
}

export const forgetDraft = (name: string): boolean => keep(name.startsWith(PREFIX) ? name : PREFIX + name, null);

/** One piece of work as it is kept, and what a list says of it. What is read back may be anybody's: it is checked. */

export interface Draft {
  readonly name: string;
  readonly text: string;
  /** Operations after which it was looked at. */
  readonly k: number;
  /** The text that it was opened as. Empty where that is too long to be kept twice, or was nowhere else. */
  readonly opened: string;
  /** What stands in the address, from `#` on, when it gives `opened`; null where no address gives it. */
  readonly address: string | null;
  /** Milliseconds since 1970. A newer copy of the same draft always has a later one. */
  readonly time: number;
  /** The page that wrote this copy. */
  readonly writer: string;
}

/** What of a draft is the scenario's. */
export type Content = Pick<Draft, 'text' | 'k' | 'opened' | 'address'>;

/** What a list says of a draft. */
export interface Head extends Pick<Draft, 'name' | 'time' | 'writer'> {
  readonly title: string;
  readonly lines: number;
  readonly characters: number;
}

/** Characters of the text that it was opened as which are kept beside it. */
export const OPENED_AT_MOST = 50_000;
const TITLE_AT_MOST = 200;

/** Text that a person would miss: it is not what was opened. */
export const isWork = ({ text, opened }: Pick<Draft, 'text' | 'opened'>): boolean =>
  text.trim() !== '' && text !== opened;

export function headOf({ name, time, writer, text }: Draft): Head {
  const beginning = text.slice(0, 10_000);
  const title = /^title:[ \t]*(\S.*)$/m.exec(beginning)?.[1] ?? beginning.trim().split('\n', 1)[0]!;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return { name, time, writer, title: title.slice(0, TITLE_AT_MOST), lines, characters: text.length };
}

/** A draft of whatever was kept under a name; null where that is none. */
export function asDraft(name: string, said: unknown): Draft | null {
  if (typeof said !== 'object' || said === null) return null;
  const { text, k, opened, address, time, writer } = said as Record<string, unknown>;
  if (typeof text !== 'string') return null;
  const number = (n: unknown): number => (typeof n === 'number' && Number.isFinite(n) && n >= 0 ? Math.floor(n) : 0);
  return {
    name,
    text,
    k: number(k),
    opened: typeof opened === 'string' ? opened : '',
    address: typeof address === 'string' && /^(#|$)/.test(address) ? address : null,
    time: number(time),
    writer: typeof writer === 'string' ? writer : '',
  };
}

/** A name that nothing else is kept under. */
export const newName = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36).padStart(7, '0')).join('');

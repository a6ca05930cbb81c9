/**
 * The link: what stands behind `#`. `1.` + the text, compressed + `.` + checks + view settings:
 *
 *     1.PAYLOAD.CCCCFFFFSSSN&s=12&d=flag
 *
 * CCCC checks everything before and the two that follow; FFFF is a fingerprint of the end state; SSS checks the view
 * settings; N counts the operations. A link says what it said when it was made, or why it cannot: nothing else is ever opened
 * in its place.
 */
import { strFromU8, strToU8 } from 'fflate';
import { hashText } from '../base/hash';
import { fail, ok, type Result } from '../base/result';
import { BRIEF, format } from '../scenario/format';
import { WRITTEN } from '../scenario/limits';
import { parse } from '../scenario/parse';
import type { Parsed } from '../scenario/scenario';
import { fromBase64, fromDigits, toBase64, toDigits } from './base64';
import { compress, expand } from './coder';
import { PRESENT, VERSION, VERSIONS, type Version } from './versions';

/** How a scenario is looked at. What is left out is as usual. */
export interface View {
  /** Operations carried out at the moment shown; and events inside the next, null for none. */
  readonly k: number;
  readonly event: number | null;
  /** The design, and the one beside it; '' leaves it to the scenario. */
  readonly design: string;
  readonly other: string;
  /** The page's own settings by short names. */
  readonly more: Readonly<Record<string, string>>;
}

export const PLAIN_VIEW: View = { k: 0, event: null, design: '', other: '', more: {} };

export interface Link {
  readonly version: number;
  /** Canonical text; as it was written where it holds errors. */
  readonly text: string;
  /** Calls in the text. */
  readonly operations: number;
  /** Of the state at the end, as `linkFingerprint` cuts it; null where the link was made without running. */
  readonly fingerprint: number | null;
  readonly view: View;
  /** What a person should be told although the scenario is whole; '' for nothing. */
  readonly notice: string;
}

/** Why a link cannot be opened. */
export interface LinkTrouble {
  /** `other`: not a link of this page at all. */
  readonly code: 'other' | 'newer' | 'cut' | 'altered' | 'too-large';
  readonly message: string;
}

/** Bytes of a link that are looked at, at most. */
const LINK_LENGTH = 400_000;
const CHECK = 4;
const FINGERPRINT = 4;
const SEAL = 3;
const TAIL = CHECK + FINGERPRINT + SEAL;
const NO_FINGERPRINT = 2 ** 24 - 1;
/** Behind the text; no byte of UTF-8. */
const END = 255;

/** What of a fingerprint a link carries. */
export const linkFingerprint = (fingerprint: number): number => Math.min(fingerprint & 0xffffff, NO_FINGERPRINT - 1);

/** Names of the settings that every link understands: step, event, design, the one compared. */
const OWN: readonly string[] = ['s', 'e', 'd', 'c'];
const SETTING = /^([a-z]{1,12})=([\w.-]{1,64})$/;

/** `&s=12&d=flag`; empty for the plain view. Settings that no link can hold are left out. */
function viewText({ k, event, design, other, more }: View): string {
  const settings: [string, string][] = [];
  if (k > 0) settings.push(['s', String(k)]);
  if (event !== null) settings.push(['e', String(event)]);
  if (design !== '') settings.push(['d', design]);
  if (other !== '') settings.push(['c', other]);
  for (const name of Object.keys(more).sort()) if (!OWN.includes(name)) settings.push([name, more[name]]);
  return settings
    .map(([name, value]) => `${name}=${value}`)
    .filter((setting) => SETTING.test(setting))
    .map((setting) => `&${setting}`)
    .join('');
}

function readView(text: string): View {
  const settings = new Map<string, string>();
  for (const part of text.split('&')) {
    const found = SETTING.exec(part);
    if (found) settings.set(found[1], found[2]);
  }
  const count = (name: string): number | null => {
    const value = settings.get(name);
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;
  };
  const view = {
    k: count('s') ?? 0,
    event: count('e'),
    design: settings.get('d') ?? '',
    other: settings.get('c') ?? '',
  };
  for (const name of OWN) settings.delete(name);
  return { ...view, more: Object.fromEntries(settings) };
}

const countCalls = (parsed: Parsed): number => parsed.scenario.statements.filter((s) => s.kind === 'call').length;

/** A byte by which a text that comes out wrong is known. */
const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (sum * 31 + byte) & 255, 7);

const seal = (view: string): string => toDigits(hashText(view, 3) % 64 ** SEAL, SEAL);
const check = (before: string, behind: string): string =>
  toDigits(hashText(`${before} ${behind}`, 1) % 64 ** CHECK, CHECK);

/** The link, without `#`. `fingerprint` is that of the state at the end, null where it was not run. */
export function encodeLink(text: string, fingerprint: number | null, view = PLAIN_VIEW): Result<string, LinkTrouble> {
  const parsed = parse(text);
  const brief = parsed.diagnostics.length === 0 ? format(parsed.scenario, BRIEF) : text;
  const bytes = strToU8(brief);
  if (bytes.length > WRITTEN.bytes) return fail(tooLarge());
  const framed = new Uint8Array(bytes.length + 2);
  framed.set(bytes);
  framed[bytes.length] = END;
  framed[bytes.length + 1] = sumOf(bytes);
  const operations = toDigits(countCalls(parsed), digitsFor(countCalls(parsed)));
  const payload = compress(framed, PRESENT.model());
  if (bytes.length >= mostBytes(payload.length)) return fail(REPEATED);
  const before = `${VERSION}.${toBase64(payload)}.`;
  const state = toDigits(fingerprint === null ? NO_FINGERPRINT : linkFingerprint(fingerprint), FINGERPRINT);
  const settings = viewText(view);
  return ok(`${before}${check(before, state + operations)}${state}${seal(settings)}${operations}${settings}`);
}

const digitsFor = (n: number): number => (n < 64 ? 1 : 1 + digitsFor(Math.floor(n / 64)));

const tooLarge = (): LinkTrouble => ({
  code: 'too-large',
  message: `The scenario is larger than ${WRITTEN.bytes / 1024} KiB, the most that a link can hold. Save it as a file.`,
});

/** What a chat or mail may have put around a link, or written otherwise. */
function clean(hash: string): string {
  let text = hash.trim();
  if (text.includes('#')) text = text.slice(text.indexOf('#') + 1);
  if (text.includes('%'))
    try {
      text = decodeURIComponent(text);
    } catch {
      // Not encoded after all: the check says what is wrong.
    }
  let end = text.length;
  while (end > 0 && !/[\w-]/.test(text[end - 1])) end--;
  return text.slice(0, end);
}

/** Parts of a link that has all of them. */
interface Parts {
  readonly version: Version;
  readonly number: number;
  /** Version and payload, with the dots. */
  readonly before: string;
  readonly payload: string;
  readonly tail: string;
  readonly settings: string;
}

function split(hash: string): Result<Parts, LinkTrouble> {
  if (hash.length > LINK_LENGTH) return fail(tooLarge());
  const text = clean(hash);
  const found = /^(\d{1,4})(?:\.([\w-]*))?(?:\.([\w-]*))?(&.*)?$/s.exec(text);
  if (!found)
    return fail({
      code: /^\d{1,4}\./.test(text) ? 'altered' : 'other',
      message: 'This is not a link of mmscope: it has characters that no link has.',
    });
  const number = Number(found[1]);
  const version = VERSIONS[number];
  if (version === undefined)
    return fail({
      code: number > VERSION ? 'newer' : 'other',
      message:
        number > VERSION
          ? `This link was made by a newer mmscope (link version ${number}; this page reads up to ${VERSION}). Reload the page to get the newest.`
          : `No mmscope ever made links of version ${number}.`,
    });
  const [, , payload, tail, settings = ''] = found;
  if (payload === undefined || tail === undefined || tail.length <= TAIL) return fail(CUT);
  return ok({ version, number, before: `${found[1]}.${payload}.`, payload, tail, settings });
}

/**
 * Bytes of text that a payload of so many bytes may stand for. A text that says one thing again and again needs next to no
 * payload; without a bound a link of a line would take as long to read as the largest.
 */
const mostBytes = (payload: number): number => Math.min(WRITTEN.bytes, FREE_BYTES + RATIO * payload);
const FREE_BYTES = 32 * 1024;
const RATIO = 64;

const CUT: LinkTrouble = { code: 'cut', message: 'The link was cut short: its end is missing.' };
const REPEATED: LinkTrouble = {
  code: 'too-large',
  message: 'The scenario says the same thing so often that its link would be slow to open. Save it as a file.',
};
const UNROLLED: LinkTrouble = {
  code: 'too-large',
  message:
    'The text behind this link says the same thing so often that it is far longer than such a link may stand for. ' +
    'It was not opened: ask for the scenario as a file.',
};
const ALTERED: LinkTrouble = {
  code: 'altered',
  message: 'The link was altered on its way: its check does not fit. It may also have been cut short.',
};

/**
 * Reads a link, with or without `#`. Never throws. Its work is in proportion to the link: at most `mostBytes` of text are
 * expanded, some 2 µs each, so half a second for the longest. `work` is told how many.
 */
export function decodeLink(hash: string, work?: (bytes: number) => void): Result<Link, LinkTrouble> {
  const parts = split(hash);
  if (!parts.ok) return parts;
  const { version, number, before, payload, tail, settings } = parts.value;
  const state = tail.slice(CHECK, CHECK + FINGERPRINT);
  const count = tail.slice(TAIL);
  if (tail.slice(0, CHECK) !== check(before, state + count)) return fail(ALTERED);
  const bytes = fromBase64(payload);
  const expanded = bytes === undefined ? ALTERED : expandText(bytes, version, work);
  if (typeof expanded !== 'string') return fail(expanded);
  const text = version.migrate(expanded);
  const parsed = parse(text);
  const operations = countCalls(parsed);
  if (operations !== fromDigits(count)) return fail(ALTERED);
  const whole = tail.slice(CHECK + FINGERPRINT, TAIL) === seal(settings);
  const fingerprint = fromDigits(state) ?? NO_FINGERPRINT;
  return ok({
    version: number,
    text: parsed.diagnostics.length === 0 ? format(parsed.scenario) : text,
    operations,
    fingerprint: fingerprint === NO_FINGERPRINT ? null : fingerprint,
    view: whole ? readView(settings) : PLAIN_VIEW,
    notice: whole
      ? ''
      : 'The scenario is whole, but the end of the link, which says where to look, was lost or changed. It starts at the beginning.',
  });
}

/** The text of a payload, or why it is none. */
function expandText(input: Uint8Array, version: Version, work?: (bytes: number) => void): string | LinkTrouble {
  const most = mostBytes(input.length);
  const bytes = new Uint8Array(most + 1);
  let n = 0;
  let sum = -1;
  expand(input, version.model(), (byte) => {
    if (n > 0 && bytes[n - 1] === END) {
      sum = byte;
      return true;
    }
    bytes[n++] = byte;
    return n > most;
  });
  work?.(n);
  if (sum < 0) return UNROLLED;
  const text = bytes.subarray(0, n - 1);
  return sumOf(text) === sum ? strFromU8(text) : ALTERED;
}

/**
 * What can still be read of a link that was cut short or altered: whole lines from the start that make sense. Empty where
 * nothing can.
 */
export function recoverText(hash: string): string {
  const found = /^(\d{1,4})\.([\w-]+)/.exec(clean(hash.slice(0, LINK_LENGTH)));
  const version = found === null ? undefined : VERSIONS[Number(found[1])];
  if (found === null || version === undefined) return '';
  const input = fromBase64(found[2]) ?? new Uint8Array(0);
  const most = mostBytes(input.length);
  const bytes: number[] = [];
  expand(input, version.model(), (byte, spent) => {
    // The reader is four bytes ahead: what it makes of those that are not there is a guess.
    if (byte === END || spent > input.length) return true;
    bytes.push(byte);
    return bytes.length > most;
  });
  const text = version.migrate(strFromU8(Uint8Array.from(bytes)));
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const wrong = parse(lines.join('\n')).diagnostics[0]?.at.line ?? lines.length + 1;
  return format(parse(lines.slice(0, wrong - 1).join('\n')).scenario);
}

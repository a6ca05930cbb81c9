/** What the editor offers and explains: the words of the language with their meanings, by where the cursor stands. */
import { CALL_NAMES, CALLS, callShape, type CallShape, type Parameter } from '../../scenario/calls';
import { FIELD_NAMES, FIELDS } from '../../scenario/fields';
import type { Flag, FlagWord } from '../../scenario/flags';
import { SETTING_NAMES, settingShape } from '../../scenario/head';

/** A word that may stand at the cursor. */
export interface Offer {
  readonly word: string;
  /** What follows it when it is taken: `(`, `: ` or nothing. */
  readonly after: string;
  readonly kind: 'call' | 'flag' | 'name' | 'field' | 'setting' | 'choice';
  /** In the list, behind the word. */
  readonly detail: string;
  readonly meaning: string;
}

/** What may stand at a place, and where the word there begins (column from 0). */
export interface Offers {
  readonly from: number;
  readonly offers: readonly Offer[];
}

/** A sentence about the word under the pointer. */
export interface Explanation {
  readonly from: number;
  readonly to: number;
  readonly title: string;
  readonly meaning: string;
}

const flagWord = (parameter: Parameter | undefined): FlagWord | null =>
  parameter !== undefined && typeof parameter.kind === 'object' ? parameter.kind : null;

/** `mmap(addr, length, prot, flags, fd = -1, offset = 0)`. */
export function signature(name: string, shape: CallShape): string {
  const parameters = shape.parameters.map((one) => (one.default === undefined ? one.name : `[${one.name}]`));
  return `${name}(${parameters.join(', ')})`;
}

/** Names that lines above give to results, with the line that gives each. */
export function namesAbove(lines: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of lines) {
    const found = /^\s*(?:\w+\s*:\s*)?([A-Za-z_]\w*)\s*=\s*[a-z]/.exec(line);
    if (found) names.set(found[1]!, line.trim());
  }
  return names;
}

/** Letters, digits and `_` at the end of a text. */
function wordBefore(text: string): string {
  let from = text.length;
  while (from > 0 && /\w/.test(text[from - 1])) from--;
  return text.slice(from);
}

/** The call around a column and which of its arguments stands there; null outside a call's parentheses. */
export function argumentAt(line: string, column: number): { call: string; index: number } | null {
  const before = line.slice(0, column);
  const open = before.lastIndexOf('(');
  if (open < 0 || before.indexOf(')', open) >= 0) return null;
  const call = wordBefore(before.slice(0, open).trimEnd());
  if (call === '') return null;
  return { call, index: before.slice(open).split(',').length - 1 };
}

const offer = (word: string, kind: Offer['kind'], meaning: string, detail = '', after = ''): Offer => ({
  word,
  kind,
  meaning,
  detail,
  after,
});

const offerFlag = (flag: Flag): Offer => offer(flag.name, 'flag', flag.meaning);

/** What may stand at `column` of a line; `above` are the lines before it. */
export function offersAt(line: string, column: number, above: readonly string[]): Offers | null {
  const before = line.slice(0, column);
  if (before.includes('#')) return null;
  const word = wordBefore(before).replace(/^\d+/, '');
  const from = column - word.length;
  const names = namesAbove(above);
  const named = [...names].map(([name, line_]) => offer(name, 'name', line_));
  const place = argumentAt(line, column);
  if (place !== null) {
    const parameter = callShape(place.call)?.parameters[place.index];
    const flags = flagWord(parameter);
    if (flags !== null) return { from, offers: flags.flags.map(offerFlag) };
    const nothing =
      parameter?.kind === 'address' ? [offer('NULL', 'choice', 'No address: the kernel chooses one.')] : [];
    return { from, offers: [...nothing, ...named] };
  }
  if (/^\s*(\w+\s*:\s*)?expect\s+\w*$/.test(before))
    return { from, offers: FIELD_NAMES.map((name) => offer(name, 'field', FIELDS[name]!.meaning)) };
  const setting = /^\s*(\w+)\s*:\s*\w*$/.exec(before)?.[1];
  const shape = setting === undefined ? undefined : settingShape(setting);
  if (shape !== undefined)
    return { from, offers: shape.choices.map((choice) => offer(choice, 'choice', shape.meaning)) };
  if (!/^\s*(\w+\s*[:=]\s*)*\w*$/.test(before)) return null;
  const calls = CALL_NAMES.map((name) =>
    offer(name, 'call', CALLS[name]!.meaning, signature(name, CALLS[name]!).slice(name.length), '('),
  );
  if (/[:=]\s*\w*$/.test(before)) return { from, offers: calls };
  const head = above.every((one) => !/\w\s*\(/.test(one.replace(/#.*/, '')));
  const settings = head
    ? SETTING_NAMES.map((name) => offer(name, 'setting', settingShape(name)!.meaning, '', ': '))
    : [];
  return {
    from,
    offers: [
      ...calls,
      offer('expect', 'call', 'Checks a field of /proc after the call above it.', '', ' '),
      ...settings,
    ],
  };
}

/** What stands at `column` of a line, explained; null for what needs no words. */
export function explainAt(line: string, column: number, above: readonly string[]): Explanation | null {
  const comment = line.indexOf('#');
  if (comment >= 0 && column > comment) return null;
  let from = column;
  let to = column;
  while (from > 0 && /\w/.test(line[from - 1]!)) from--;
  while (to < line.length && /\w/.test(line[to]!)) to++;
  const word = line.slice(from, to);
  if (word === '') return null;
  const told = (title: string, meaning: string): Explanation => ({ from, to, title, meaning });
  const call = callShape(word);
  if (call !== undefined && /^\s*\(/.test(line.slice(to))) return told(signature(word, call), call.meaning);
  const place = argumentAt(line, from);
  const flags = place === null ? null : flagWord(callShape(place.call)?.parameters[place.index]);
  const flag = flags?.flags.find(({ name }) => name === word || name === flags.prefix + word);
  if (flag !== undefined) return told(`${flag.name} = 0x${flag.value.toString(16)}`, flag.meaning);
  if (/\bexpect\s+$/.test(line.slice(0, from)) && Object.hasOwn(FIELDS, word)) return told(word, FIELDS[word]!.meaning);
  const setting = settingShape(word);
  if (setting !== undefined && /^\s*:/.test(line.slice(to)))
    return told(`${word}: ${setting.expected}`, setting.meaning);
  const named = namesAbove(above).get(word);
  if (named !== undefined) return told(word, named);
  return null;
}

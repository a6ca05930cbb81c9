/** Links that were cut, altered or made up: none is opened as another scenario than it was made of. */
import { format } from '../../src/scenario/format';
import { LIBRARY } from '../../src/scenario/library';
import { parse } from '../../src/scenario/parse';
import { toBase64 } from '../../src/share/base64';
import { decodeLink, encodeLink, PLAIN_VIEW, recoverText, type View } from '../../src/share/link';
import { damage, pick } from './frame/damage';
import type { Kind } from './frame/kind';
import scenario from './scenario';

const VIEWS: readonly View[] = [
  PLAIN_VIEW,
  { k: 12, event: 3, design: 'flag', other: 'ops', more: { w: '1', b: 'proc' } },
];
const texts = [
  ...LIBRARY.flatMap(({ examples }) => examples.map(({ text }) => text)),
  '',
  'no scenario at all(',
  '# ü\n',
];
/** What each good link is made of. */
const MADE = new Map<string, { readonly text: string; readonly view: View }>();
for (const [i, text] of texts.entries()) {
  const view = VIEWS[i % VIEWS.length]!;
  const link = encodeLink(text, i % 3 === 0 ? null : 1000 + i, view);
  const { scenario: read, diagnostics } = parse(text);
  if (link.ok) MADE.set(link.value, { text: diagnostics.length === 0 ? format(read) : text, view });
}
const seeds = [...MADE.keys()];
const words = [
  '.',
  '1.',
  '2.',
  '&s=3',
  '&e=1',
  '&d=flag',
  '#',
  '%23',
  '%2E',
  '____',
  'AAAA',
  '0',
  '-',
  '&',
  '=',
  'ex=',
];
/** As UTF-8 holds it. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
/** Texts that links can be opened as. */
const TEXTS = new Set([...MADE.values()].map(({ text }) => text));

const kind: Kind = {
  what: 'links: cut, altered, made up, and made of damaged scenarios',
  seeds,
  words,
  draw(random) {
    const which = random();
    if (which < 0.03) return `make ${damage(random, scenario.seeds, scenario.words).slice(0, 4000)}`;
    if (which < 0.25) {
      const bytes = Uint8Array.from({ length: Math.floor(400 ** random()) }, () => Math.floor(random() * 256));
      return `open 1.${toBase64(bytes)}.${toBase64(bytes.slice(0, 9))}`;
    }
    if (which < 0.3) return `open ${pick(random, seeds)}`;
    return `open ${damage(random, seeds, words)}`;
  },
  take(input) {
    const [, what, text] = /^(make|open) (.*)$/s.exec(input) ?? ['', 'open', input];
    if (what === 'make') {
      const link = encodeLink(text!, 7);
      if (!link.ok) return link.error.code === 'too-large' ? '' : link.error.message;
      const back = decodeLink(link.value);
      if (!back.ok) return `a link that was just made: ${back.error.message}`;
      const { scenario: read, diagnostics } = parse(text!);
      // What cannot be read is carried as it is, but for halves of characters, which no UTF-8 has.
      const whole = diagnostics.length === 0 ? format(read) : text!;
      return wellFormed(back.value.text) === wellFormed(whole) ? '' : 'it is opened as another scenario';
    }
    const link = decodeLink(text!);
    if (!link.ok) {
      // Slower than all the rest: one in eight.
      if (text!.length % 8 === 0 && recoverText(text!).length > 300_000) return 'more is saved than a link holds';
      return link.error.message === '' ? 'refused without a word' : '';
    }
    if (!TEXTS.has(link.value.text))
      return `an altered link is opened as another scenario: ${link.value.text.slice(0, 80)}`;
    return '';
  },
};
export default kind;

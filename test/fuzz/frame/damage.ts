/** Makes bad texts of good ones: what is written, cut, repeated, put elsewhere, or another number than it was. */

const NUMBERS = (
  '0 -0 1 -1 00 4095 4096 4097 2M 1G 127T 0x7ffffffff000 0x800000000000 2147483648 4294967296 9007199254740993 ' +
  '18446744073709551615 18446744073709551616 1e999 NaN 0xffffffffffffffff 99999999999999999999999999 .5 1_000 Infinity'
).split(' ');
const ODD = [
  '\0',
  '\r',
  '\r\n',
  '\u2028',
  '\u2029',
  '\u0085',
  '\ufeff',
  '\ud800',
  '\u202e',
  '\u001b[2J',
  '\t',
  '\u00a0',
];
const MARKS = [...'"\'\\()[]{}<>=,;:#|*+-.&%/_ ', '\n', '\n\n', '->', '→', '<<', '?', '__proto__', 'constructor'];

/** Chooses among things, each as often. */
export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** Small numbers often, large ones seldom. */
const length = (random: () => number, most: number): number => Math.floor(most ** random());

function once(text: string, random: () => number, seeds: readonly string[], words: readonly string[]): string {
  const at = Math.floor(random() * (text.length + 1));
  const to = Math.min(text.length, at + length(random, 60));
  const put = (piece: string, until = at): string => text.slice(0, at) + piece + text.slice(until);
  switch (Math.floor(random() * 11)) {
    case 0:
      return put('', to);
    case 1:
      return put(String.fromCharCode(Math.floor(random() * (random() < 0.9 ? 128 : 65_536))));
    case 2:
      return put(pick(random, ODD));
    case 3:
      return put(pick(random, MARKS), random() < 0.5 ? at + 1 : at);
    case 4:
      return put(pick(random, words));
    case 5: {
      // Another number in the place of the next one.
      const found = /[\da-fx]+/.exec(text.slice(at, at + 200));
      if (found === null) return put(pick(random, NUMBERS));
      const from = at + found.index;
      return text.slice(0, from) + pick(random, NUMBERS) + text.slice(from + found[0].length);
    }
    case 6: {
      // A piece again and again.
      const piece = text.slice(at, to) || pick(random, MARKS);
      return put(piece.repeat(length(random, Math.max(2, (random() < 0.05 ? 20_000 : 500) / piece.length))));
    }
    case 7: {
      const other = pick(random, seeds);
      return put(other.slice(Math.floor(random() * other.length)));
    }
    case 8: {
      const lines = text.split('\n');
      const line = Math.floor(random() * lines.length);
      const [taken] = lines.splice(line, random() < 0.5 ? 1 : 0);
      lines.splice(Math.floor(random() * (lines.length + 1)), 0, taken ?? lines[line] ?? '');
      return lines.join('\n');
    }
    case 9:
      return text.slice(0, at);
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** Damages one of the seeds in one to six places. */
export function damage(random: () => number, seeds: readonly string[], words: readonly string[]): string {
  let text = pick(random, seeds);
  const most = random() < 0.01 ? MOST : USUAL;
  for (let n = 1 + Math.floor(random() * 6); n > 0; n--) text = once(text, random, seeds, words).slice(0, most);
  return text;
}

/** Characters of an input, at most; and of most inputs. */
const MOST = 100_000;
const USUAL = 10_000;

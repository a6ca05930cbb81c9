/**
 * A model that guesses the next bit of a text from what came before: seven contexts, each with a table of counters, mixed by
 * weights that learn. Whole numbers only, so that every browser guesses alike; links depend on every guess.
 */

const CONTEXTS = 7;
const TABLE_BITS = 16;
const TABLE = 1 << TABLE_BITS;
/** Sets of weights, chosen by the kind of the last character. */
const WEIGHT_SETS = 8;
const WEIGHT = 19661;
const LEARNING = 8;
/** A counter that saw more than this still follows at the same rate. */
const SEEN_LIMIT = 30;

/** The logistic function at 33 places: from 12 bits of log-odds to 12 bits of probability. */
const LOGISTIC = [
  1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785, 3901, 3975,
  4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
];

function squash(d: number): number {
  if (d > 2047) return 4095;
  if (d < -2047) return 0;
  const part = d & 127;
  const i = (d >> 7) + 16;
  return (LOGISTIC[i] * (128 - part) + LOGISTIC[i + 1] * part + 64) >> 7;
}

/** The inverse of `squash`. */
const STRETCH = new Int16Array(4096);
{
  let from = 0;
  for (let x = -2047; x <= 2047; x++) {
    const to = squash(x);
    for (let i = from; i <= to; i++) STRETCH[i] = x;
    from = Math.max(from, to + 1);
  }
  for (let i = from; i < 4096; i++) STRETCH[i] = 2047;
}

/** How far a counter moves, and how much its guess counts, by how often it was seen. */
const RATE = Int32Array.from({ length: SEEN_LIMIT + 1 }, (_, n) => Math.trunc(131072 / (2 * n + 3)));
const TRUST = Int32Array.from({ length: SEEN_LIMIT + 1 }, (_, n) => (n === 0 ? 0 : Math.min(32, 20 + 5 * n)));

const LINE_END = 10;
const PARENTHESIS = 40;
const COMMA = 44;

const isWordPart = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c >= 128;

function kindOf(c: number): number {
  if (c >= 97) return 1;
  if (c >= 65) return 2;
  if (c >= 48 && c < 58) return 3;
  if (c === LINE_END) return 4;
  if (c === PARENTHESIS) return 5;
  return c === COMMA ? 6 : 7;
}

export class Model {
  /** Probability of a 1 as the next bit, of 4096; never 0. */
  p = 2048;
  private readonly counters: Uint16Array[] = [];
  private readonly seen: Uint8Array[] = [];
  private readonly weights = new Int32Array(CONTEXTS * WEIGHT_SETS).fill(WEIGHT);
  private readonly guesses = new Int32Array(CONTEXTS);
  private readonly slots = new Int32Array(CONTEXTS);
  private readonly hashes = new Int32Array(CONTEXTS);
  private weightSet = 0;
  /** Bits of the present byte behind a leading 1. */
  private bits = 1;
  /** The last four bytes. */
  private last = 0;
  /** The line so far: which call, which argument, the word that is being written, the one before, the line's first. */
  private call = 0;
  private arg = 0;
  private word = 0;
  private before = 0;
  private first = 0;

  constructor() {
    for (let i = 0; i < CONTEXTS; i++) {
      this.counters.push(new Uint16Array(TABLE).fill(32768));
      this.seen.push(new Uint8Array(TABLE));
    }
    this.look();
    this.guess();
  }

  /** Another that has read the same. */
  copy(): Model {
    const other = new Model();
    for (let i = 0; i < CONTEXTS; i++) {
      other.counters[i].set(this.counters[i]);
      other.seen[i].set(this.seen[i]);
    }
    other.weights.set(this.weights);
    other.bits = this.bits;
    other.last = this.last;
    other.call = this.call;
    other.arg = this.arg;
    other.word = this.word;
    other.before = this.before;
    other.first = this.first;
    other.look();
    other.guess();
    return other;
  }

  /** Tells what the bit was. */
  update(bit: 0 | 1): void {
    const error = ((bit << 12) - this.p) * LEARNING;
    const target = bit === 1 ? 65535 : 0;
    for (let i = 0; i < CONTEXTS; i++) {
      this.weights[this.weightSet + i] += (this.guesses[i] * error + 0x2000) >> 14;
      const slot = this.slots[i];
      const n = this.seen[i][slot];
      const counters = this.counters[i];
      counters[slot] += Math.trunc(((target - counters[slot]) * RATE[n]) / 65536);
      if (n < SEEN_LIMIT) this.seen[i][slot] = n + 1;
    }
    this.bits = (this.bits << 1) | bit;
    if (this.bits >= 256) this.endByte(this.bits & 255);
    this.guess();
  }

  private endByte(c: number): void {
    this.bits = 1;
    this.last = (this.last << 8) | c;
    if (isWordPart(c)) this.word = Math.imul(this.word + c, 0x2f0b4c47) | 0;
    else {
      if (c === LINE_END) {
        this.call = 0;
        this.arg = 0;
        this.before = this.first;
        this.first = 0;
      } else {
        if (c === PARENTHESIS) {
          this.call = this.word;
          this.arg = 1;
          if (this.first === 0) this.first = this.word;
        } else this.arg += c === COMMA ? 1 : c * 16;
        this.before = this.word;
      }
      this.word = c;
    }
    this.look();
  }

  /** Contexts that hold for a whole byte. */
  private look(): void {
    const { hashes, last } = this;
    hashes[0] = 0;
    hashes[1] = Math.imul(last & 0xff, 0x9e3779b1) + 1;
    hashes[2] = Math.imul(last & 0xffff, 0x85ebca6b) + 2;
    hashes[3] = Math.imul(last & 0xffffff, 0xc2b2ae35) + 3;
    hashes[4] = Math.imul(last, 0x27d4eb2f) + 4;
    hashes[5] = Math.imul((this.call + this.arg * 0x1003 + 1) | 0, 0x165667b1) ^ (Math.imul(this.word, 0x2f0b4c47) + 5);
    hashes[6] = Math.imul((this.word + Math.imul(this.before, 0x3779)) | 0, 0x9e3779b1) + 6;
    this.weightSet = CONTEXTS * kindOf(last & 255);
  }

  private guess(): void {
    let sum = 0;
    for (let i = 0; i < CONTEXTS; i++) {
      let x = Math.imul(this.hashes[i] ^ Math.imul(this.bits, 0x3d4d51cb), 0x2c1b3c6d);
      x ^= x >>> 15;
      const slot = Math.imul(x, 0x297a2d39) >>> (32 - TABLE_BITS);
      this.slots[i] = slot;
      const guess = (STRETCH[this.counters[i][slot] >>> 4] * TRUST[this.seen[i][slot]]) >> 4;
      this.guesses[i] = guess;
      sum += this.weights[this.weightSet + i] * guess;
    }
    this.p = Math.min(4094, Math.max(1, squash(Math.trunc(sum / 65536))));
  }
}

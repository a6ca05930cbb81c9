/** Bytes to fewer bytes and back: an arithmetic coder (carry-less, 32 bits) that follows the model's guesses. */
import { Model } from './model';

/** A model that has read a vocabulary. */
export function primed(vocabulary: Uint8Array): Model {
  const model = new Model();
  for (const byte of vocabulary) for (let i = 7; i >= 0; i--) model.update(((byte >> i) & 1) as 0 | 1);
  return model;
}

/** The place that divides `[low, high]` as the model's guess does. */
const divide = (low: number, high: number, p: number): number =>
  low + Math.floor((high - low) / 4096) * p + Math.floor((((high - low) % 4096) * p) / 4096);

/** Cost grows with the bytes: about 2 µs each. */
export function compress(bytes: Uint8Array, model: Model): Uint8Array {
  const out: number[] = [];
  let low = 0;
  let high = 0xffffffff;
  for (const byte of bytes)
    for (let i = 7; i >= 0; i--) {
      const bit = ((byte >> i) & 1) as 0 | 1;
      const middle = divide(low, high, model.p);
      if (bit === 1) high = middle;
      else low = middle + 1;
      model.update(bit);
      while (((low ^ high) & 0xff000000) === 0) {
        out.push(high >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
      }
    }
  // The reader takes zeros for what is missing: end with as few bytes as still lie within the interval.
  if (low > 0) {
    let shift = 24;
    while (shift > 0 && Math.ceil(low / 2 ** shift) * 2 ** shift > high) shift -= 8;
    for (let value = Math.ceil(low / 2 ** shift), left = 32 - shift; left > 0; left -= 8)
      out.push(Math.floor(value / 2 ** (left - 8)) & 255);
  }
  while (out.length > 0 && out[out.length - 1] === 0) out.pop();
  return Uint8Array.from(out);
}

/** Reads bytes until `done` says that a byte was the last. `spent` is how many input bytes it took so far. */
export function expand(input: Uint8Array, model: Model, done: (byte: number, spent: number) => boolean): void {
  let at = 0;
  const next = (): number => input[at++] ?? 0;
  let low = 0;
  let high = 0xffffffff;
  let x = 0;
  for (let i = 0; i < 4; i++) x = ((x << 8) | next()) >>> 0;
  while (true) {
    let byte = 0;
    for (let i = 0; i < 8; i++) {
      const middle = divide(low, high, model.p);
      const bit = x <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      byte = (byte << 1) | bit;
      model.update(bit);
      while (((low ^ high) & 0xff000000) === 0) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        x = ((x << 8) | next()) >>> 0;
      }
    }
    if (done(byte, at)) return;
  }
}

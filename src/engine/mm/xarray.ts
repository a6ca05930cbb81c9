/** A sparse array of non-zero 32-bit numbers by index, in chunks that snapshots share until they are written. */
const SHIFT = 9;
const SIZE = 1 << SHIFT;

interface Chunk {
  values: Int32Array;
  used: number;
  /** The array that may write this chunk in place; another one copies it first. */
  owner: object;
}

export class XArray {
  private chunks = new Map<number, Chunk>();
  private token: object = {};
  /** Entries that are not 0. */
  size = 0;

  /** The value at `index`, 0 where there is none. */
  get(index: number): number {
    const c = this.chunks.get(Math.floor(index / SIZE));
    return c === undefined ? 0 : c.values[index % SIZE]!;
  }

  /** Stores a value other than 0; 0 erases. */
  set(index: number, value: number): void {
    const key = Math.floor(index / SIZE);
    let c = this.chunks.get(key);
    if (c === undefined) {
      if (value === 0) return;
      c = { values: new Int32Array(SIZE), used: 0, owner: this.token };
      this.chunks.set(key, c);
    } else if (c.owner !== this.token) {
      c = { values: c.values.slice(), used: c.used, owner: this.token };
      this.chunks.set(key, c);
    }
    const i = index % SIZE;
    const step = (value !== 0 ? 1 : 0) - (c.values[i] !== 0 ? 1 : 0);
    c.values[i] = value;
    c.used += step;
    this.size += step;
    if (c.used === 0) this.chunks.delete(key);
  }

  /** Calls `visit` for every entry with `from` ≤ index < `to`, in ascending order. `visit` may erase what it visits. */
  forEach(from: number, to: number, visit: (index: number, value: number) => void): void {
    const first = Math.floor(from / SIZE);
    const last = Math.ceil(to / SIZE);
    // Whichever is fewer: the chunks of the range, or those that there are.
    const keys: number[] = [];
    if (last - first <= this.chunks.size) for (let key = first; key < last; key++) keys.push(key);
    else for (const key of this.chunks.keys()) if (key >= first && key < last) keys.push(key);
    keys.sort((a, b) => a - b);
    for (const key of keys) {
      if (!this.chunks.has(key)) continue;
      for (let i = 0; i < SIZE; i++) {
        const value = this.chunks.get(key)?.values[i] ?? 0;
        const index = key * SIZE + i;
        if (value !== 0 && index >= from && index < to) visit(index, value);
      }
    }
  }

  /** A copy that shares every chunk until either side writes it. */
  snapshot(): XArray {
    const copy = new XArray();
    copy.chunks = new Map(this.chunks);
    copy.size = this.size;
    this.token = {};
    return copy;
  }
}

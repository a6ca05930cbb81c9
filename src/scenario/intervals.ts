/** A set of addresses as half-open ranges, ascending, disjoint, none touching the next. */
export class Intervals {
  private readonly starts: number[];
  private readonly ends: number[];
  /** Bytes in the set. */
  bytes = 0;

  constructor(other?: Intervals) {
    this.starts = other === undefined ? [] : other.starts.slice();
    this.ends = other === undefined ? [] : other.ends.slice();
    this.bytes = other?.bytes ?? 0;
  }

  get size(): number {
    return this.starts.length;
  }

  copy(): Intervals {
    return new Intervals(this);
  }

  *[Symbol.iterator](): Generator<readonly [start: number, end: number], void> {
    for (let i = 0; i < this.starts.length; i++) yield [this.starts[i], this.ends[i]];
  }

  /** Index of the first range that ends behind `address`, or at it with `touching`. */
  private find(address: number, touching: boolean): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (touching ? this.ends[middle] >= address : this.ends[middle] > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  add(start: number, end: number): void {
    if (!(end > start)) return;
    const from = this.find(start, true);
    let to = from;
    while (to < this.starts.length && this.starts[to] <= end) {
      this.bytes -= this.ends[to] - this.starts[to];
      start = Math.min(start, this.starts[to]);
      end = Math.max(end, this.ends[to]);
      to++;
    }
    this.bytes += end - start;
    this.starts.splice(from, to - from, start);
    this.ends.splice(from, to - from, end);
  }

  remove(start: number, end: number): void {
    if (!(end > start)) return;
    const from = this.find(start, false);
    let to = from;
    const starts: number[] = [];
    const ends: number[] = [];
    while (to < this.starts.length && this.starts[to] < end) {
      this.bytes -= Math.min(this.ends[to], end) - Math.max(this.starts[to], start);
      if (this.starts[to] < start) {
        starts.push(this.starts[to]);
        ends.push(start);
      }
      if (this.ends[to] > end) {
        starts.push(end);
        ends.push(this.ends[to]);
      }
      to++;
    }
    this.starts.splice(from, to - from, ...starts);
    this.ends.splice(from, to - from, ...ends);
  }

  /** The parts of a range that are not in the set. */
  missing(start: number, end: number): [number, number][] {
    const gaps: [number, number][] = [];
    for (let i = this.find(start, false); i < this.starts.length && this.starts[i] < end; i++) {
      if (this.starts[i] > start) gaps.push([start, this.starts[i]]);
      start = this.ends[i];
    }
    if (start < end) gaps.push([start, end]);
    return gaps;
  }
}

/** Draws inputs for one kind, takes them in, and keeps those that break what must hold, made as small as they go. */
import { seededRandom } from '../../../src/base/random';
import { damage } from './damage';
import type { Kind } from './kind';

/** What one input may take, at most. */
const MILLISECONDS = 100;
const MEGABYTES = 200;

export type Fault = 'throw' | 'slow' | 'large' | 'wrong';

export interface Finding {
  readonly fault: Fault;
  /** What was thrown, how long it took, or what did not hold. */
  readonly what: string;
  readonly input: string;
}

export interface Hunt {
  readonly inputs: number;
  readonly seconds: number;
  /** The longest that one input took, in ms, looked at twice. */
  readonly slowest: number;
  readonly findings: readonly Finding[];
}

const now = (): number => performance.now();
/** Milliseconds of processor that the process has used: other processes do not count. */
const used = (): number => process.cpuUsage().user / 1000;
/** The most memory that the process has ever had, in MB. */
const peak = (): number => process.resourceUsage().maxRSS / 1000;

/** Takes one input in: what is wrong with that, or null; and the milliseconds that it took. */
async function tryOne(kind: Kind, input: string): Promise<{ finding: Finding | null; took: number }> {
  const high = peak();
  const began = now();
  const before = used();
  const spent = (): number => Math.min(now() - began, used() - before);
  try {
    const what = await kind.take(input);
    const took = spent();
    if (what !== '') return { finding: { fault: 'wrong', what, input }, took };
    const more = Math.max(0, peak() - Math.max(high, FLOOR));
    if (more > MEGABYTES) return { finding: { fault: 'large', what: `${more.toFixed(0)} MB`, input }, took };
    return { finding: null, took };
  } catch (e) {
    return { finding: { fault: 'throw', what: String(e instanceof Error ? e.stack : e), input }, took: spent() };
  }
}

/** MB that the process may have before any input is to blame: it collects its garbage late. */
const FLOOR = 400;

/** As `tryOne`; slow is only what is slow again when nothing else may be to blame (another process, the first run of a path). */
export async function judge(kind: Kind, input: string): Promise<{ finding: Finding | null; took: number }> {
  const first = await tryOne(kind, input);
  if (first.finding !== null || first.took <= MILLISECONDS) return first;
  let { took } = first;
  for (let again = 0; again < 3 && took > MILLISECONDS; again++)
    took = Math.min(took, (await tryOne(kind, input)).took);
  if (took <= MILLISECONDS) return { finding: null, took };
  return { finding: { fault: 'slow', what: `${took.toFixed(0)} ms`, input }, took };
}

/** The same fault with less around it: pieces are left out as long as it stays. */
async function shrink(kind: Kind, finding: Finding): Promise<Finding> {
  let small = finding;
  const began = now();
  for (let size = Math.ceil(small.input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < small.input.length && now() - began < SHRINKING;) {
      const { finding: found } = await judge(kind, small.input.slice(0, at) + small.input.slice(at + size));
      if (found !== null && found.fault === small.fault) small = found;
      else at += size;
    }
  }
  return small;
}

const SHRINKING = 20_000;
/** Findings of one kind after which the hunt ends. */
const ENOUGH = 5;

/** The input of a number: the same seed gives the same inputs. */
export function inputOf(kind: Kind, seed: number, i: number): string {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b));
  return kind.draw === undefined ? damage(random, kind.seeds, kind.words) : kind.draw(random);
}

export interface HuntOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
}

/** Hunts until the time is up or as many inputs were taken in. */
export async function hunt(kind: Kind, { seed, seconds, inputs }: HuntOptions): Promise<Hunt> {
  const began = now();
  const findings: Finding[] = [];
  let slowest = 0;
  let i = 0;
  for (; i < inputs && now() - began < seconds * 1000 && findings.length < ENOUGH; i++) {
    const { finding, took } = await judge(kind, inputOf(kind, seed, i));
    if (took > slowest) slowest = took;
    if (finding !== null) findings.push(await shrink(kind, finding));
  }
  return { inputs: i, seconds: (now() - began) / 1000, slowest, findings };
}

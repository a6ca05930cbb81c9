/** Two processes at once: what maps what, folded to runs that mean the same on both sides. */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../../engine/events';
import { pageMapcount, pssKiB, smap_gather_stats, vmaPerms } from '../../engine/fs/proc';
import type { Machine } from '../../engine/machine';
import type { mm_struct, vm_area_struct } from '../../engine/mm/mm_types';
import { _PAGE_SPECIAL, LEVEL_SIZE, pte_pfn, PTE, table_index, type Table } from '../../engine/mm/pgtable';
import type {
  Level,
  Mark,
  WallArea,
  WallEntry,
  WallFrame,
  WallPicture,
  WallRequest,
  WallSide,
  WallTable,
  WasNow,
} from '../picture';
import type { Scene } from '../run';
import { bitsText } from './bits';
import { changedFrames, frameKinds, reverseMap } from './frames';
import { isUntouched, labelAt, mmOf, ownedBy, stepEvents, tally, titleOf, type Title } from './look';
import { walkTables } from './walk';

/** Leaves of one side that are looked at. */
const LOOK = 65_536;
/** Pages of a process up to which its Pss is counted: each costs a look at its frame. */
const COUNTED = 300_000;
const SHARERS = 16;
/** Up to so many leaves a side stand one by one. */
const FEW = 8;

interface Leaf {
  readonly table: Table;
  readonly index: number;
  readonly address: number;
  readonly size: number;
  readonly entry: number;
  readonly before: number;
  readonly vma: vm_area_struct;
}

/** Leaves that are drawn as one, by descending address. */
interface Run {
  readonly first: Leaf;
  last: Leaf;
  count: number;
}

interface Side {
  readonly who: number;
  readonly mm: mm_struct | null;
  readonly areas: vm_area_struct[];
  readonly program: { areas: number; bytes: number };
  readonly leaves: Leaf[];
  /** The leaf that maps a frame, the first of several. */
  readonly byFrame: Map<number, Leaf>;
}

export function wallPicture(scene: Scene, ask: WallRequest): WallPicture {
  const left = sideOf(scene, ask.left);
  const right = sideOf(scene, ask.right);
  const copies = copiesOf(scene);
  const cut = new Set(copies.flatMap(({ from, to }) => [from, to]));
  const mapcount = counter(scene.now);
  const single = left.leaves.length <= FEW && right.leaves.length <= FEW;
  const runs = [joined(left, right, single, cut, mapcount), joined(right, left, single, cut, mapcount)] as const;
  const most = Math.max(2, ask.maxEntries);
  const kept = [runs[0].slice(0, most >> 1), runs[1].slice(0, most >> 1)] as const;
  return {
    left: tell(scene, left, kept[0]),
    right: tell(scene, right, kept[1]),
    frames: framesOf(scene, [...kept[0], ...kept[1]], mapcount),
    copies,
    hidden: runs[0].length + runs[1].length - kept[0].length - kept[1].length,
  };
}

function sideOf(scene: Scene, who: number): Side {
  const mm = mmOf(scene.now, who);
  const was = scene.was === scene.now ? mm : mmOf(scene.was, who);
  const side: Side = { who, mm, areas: [], program: { areas: 0, bytes: 0 }, leaves: [], byFrame: new Map() };
  if (mm === null) return side;
  for (const vma of mm.mm_mt) {
    if (isUntouched(scene, vma)) {
      side.program.areas++;
      side.program.bytes += tally(mm, vma.vm_start, vma.vm_end).bytes;
      continue;
    }
    side.areas.push(vma);
    const put = (table: Table, index: number, address: number, size: number): void => {
      const entry = table.entries[index]!;
      if (entry === 0 || side.leaves.length >= LOOK) return;
      const leaf = { table, index, address, size, entry, before: entryAt(was, address, table.level), vma };
      side.leaves.push(leaf);
      const pfn = pte_pfn(entry);
      if (!side.byFrame.has(pfn)) side.byFrame.set(pfn, leaf);
    };
    walkTables(mm, vma.vm_start, vma.vm_end, {
      small(table, from, to, address) {
        for (let i = from; i < to && side.leaves.length < LOOK; i++)
          put(table, i, address + (i - from) * PAGE_SIZE, PAGE_SIZE);
      },
      huge: (table, index, address, size) => put(table, index, address, size),
    });
  }
  side.areas.reverse();
  side.leaves.reverse();
  return side;
}

/** The entry of a table of this level for an address, 0 where there is none. */
function entryAt(mm: mm_struct | null, address: number, level: number): number {
  let table: Table | null = mm?.pgd ?? null;
  while (table !== null && table.level > level) table = table.down![table_index(address, table.level)] ?? null;
  return table === null || table.level < level ? 0 : (table.entries[table_index(address, level)] ?? 0);
}

const markOf = ({ entry, before }: Leaf): Mark => (entry === before ? 'same' : before === 0 ? 'new' : 'changed');

/** Whether two neighbouring leaves (the second below the first) look the same as one. */
function alike(a: Leaf, b: Leaf): boolean {
  const pages = a.size / PAGE_SIZE;
  return (
    b.table === a.table &&
    b.index === a.index - 1 &&
    b.vma === a.vma &&
    (a.entry & 0xff) === (b.entry & 0xff) &&
    (a.before & 0xff) === (b.before & 0xff) &&
    markOf(a) === markOf(b) &&
    pte_pfn(b.entry) === pte_pfn(a.entry) - ((a.entry & _PAGE_SPECIAL) !== 0 && pte_pfn(a.entry) === 0 ? 0 : pages)
  );
}

/** Few leaves stand one by one; more are joined to runs that are one on the other side too. */
function joined(side: Side, other: Side, single: boolean, cut: ReadonlySet<number>, mapcount: Count): Run[] {
  const runs: Run[] = [];
  const joins = (a: Leaf, b: Leaf): boolean => {
    const [p, q] = [pte_pfn(a.entry), pte_pfn(b.entry)];
    if (!alike(a, b) || cut.has(p) || cut.has(q) || mapcount(a) !== mapcount(b)) return false;
    const [x, y] = [other.byFrame.get(p), other.byFrame.get(q)];
    return x === undefined || y === undefined ? x === y : x === y || alike(x, y);
  };
  for (const leaf of side.leaves) {
    const run = runs.at(-1);
    if (run !== undefined && !single && joins(run.last, leaf)) {
      run.last = leaf;
      run.count++;
    } else runs.push({ first: leaf, last: leaf, count: 1 });
  }
  return runs;
}

type Count = (leaf: Leaf) => number;

function tell(scene: Scene, side: Side, runs: readonly Run[]): WallSide {
  const { who, mm } = side;
  const before = scene.was === scene.now ? mm : mmOf(scene.was, who);
  const titles = new Map<vm_area_struct, Title>();
  const titled = (vma: vm_area_struct): Title => {
    const title = titles.get(vma) ?? titleOf(scene, vma, scene.k);
    titles.set(vma, title);
    return title;
  };
  const tables = new Map<Table, WallEntry[]>();
  for (const run of runs) {
    const list = tables.get(run.first.table) ?? [];
    tables.set(run.first.table, list);
    list.push(entryOf(run, titled(run.first.vma)));
  }
  const areas = side.areas.map((vma): WallArea => {
    const old = before?.mm_mt.find(vma.vm_start) ?? null;
    const same = old?.id === vma.id && old.vm_end === vma.vm_end && old.vm_flags === vma.vm_flags;
    return {
      ref: `area:${vma.id}`,
      id: vma.id,
      name: titled(vma).name,
      slot: titled(vma).slot,
      start: vma.vm_start,
      end: vma.vm_end,
      perms: vmaPerms(vma.vm_flags),
      mark: same ? 'same' : old?.id === vma.id ? 'changed' : 'new',
    };
  });
  return {
    who,
    name: scene.names.processName(who),
    alive: mm !== null,
    areas,
    tables: [...tables].map(([table, entries]) => tableOf(mm!, table, entries)),
    program: side.program,
    rss: { was: rssOf(before), now: rssOf(mm) },
    pss: pssOf(mm, before),
    hugetlb: { was: (before?.hugetlb_usage ?? 0) * KIB, now: (mm?.hugetlb_usage ?? 0) * KIB },
  };
}

function entryOf({ first, last, count }: Run, title: Title): WallEntry {
  const now = bitsText(last.entry);
  const was = last.before === 0 ? '' : bitsText(last.before);
  return {
    ref: `entry:${first.table.id}:${last.index}`,
    table: first.table.id,
    index: last.index,
    count,
    address: last.address,
    pageSize: first.size,
    label: labelAt(title, last.address),
    area: first.vma.id,
    slot: title.slot,
    bits: now,
    was: was === now ? '' : was,
    pfn: pte_pfn(last.entry),
    mark: markOf(last),
  };
}

function tableOf(mm: mm_struct, table: Table, entries: readonly WallEntry[]): WallTable {
  const { address } = entries[0]!;
  const above: { ref: `table:${number}`; level: Level; index: number }[] = [];
  for (let one: Table | null = mm.pgd; one !== null && one.level > table.level;) {
    const index = table_index(address, one.level);
    above.push({ ref: `table:${one.id}`, level: one.level as Level, index });
    one = one.down![index] ?? null;
  }
  const base = address - (address % (LEVEL_SIZE[table.level]! * 512));
  return {
    ref: `table:${table.id}`,
    id: table.id,
    level: table.level as Level,
    base,
    shared: table.share_count,
    entries,
    above,
  };
}

const KIB = PAGE_SIZE / 1024;
const rssOf = (mm: mm_struct | null): number => (mm === null ? 0 : (mm.rss_anon + mm.rss_file + mm.rss_shmem) * KIB);

function pssOf(now: mm_struct | null, was: mm_struct | null): WasNow | null {
  if (rssOf(now) > COUNTED * KIB || rssOf(was) > COUNTED * KIB) return null;
  const sum = (mm: mm_struct | null): number => {
    let pss = 0;
    for (const vma of mm?.mm_mt ?? []) pss += smap_gather_stats(vma).pss;
    return pssKiB(pss);
  };
  return { was: was === now ? sum(now) : sum(was), now: sum(now) };
}

/** The frames of these runs, each once. */
function framesOf(scene: Scene, runs: readonly Run[], mapcount: Count): WallFrame[] {
  const m = scene.now;
  const maps = reverseMap(scene, m);
  const kind = frameKinds(m);
  const changed = changedFrames(scene);
  const found = new Map<number, WallFrame>();
  for (const { first, last, count } of runs) {
    const pfn = pte_pfn(last.entry);
    if (found.has(pfn)) continue;
    const sharers: number[] = [];
    for (let who = 0; who < 32 && sharers.length < SHARERS; who++)
      if ((maps.mask[pfn]! & (1 << who)) !== 0) sharers.push(who);
    const zero = kind(pfn) === 'zero';
    const title = titleOf(scene, first.vma, scene.k);
    const label = zero ? 'the zero page' : ownedBy(scene, first.vma, labelAt(title, last.address), sharers);
    found.set(pfn, {
      ref: `frame:${pfn}`,
      pfn,
      count: zero ? 1 : count,
      pageSize: first.size,
      kind: kind(pfn),
      mapcount: zero ? 0 : mapcount(last),
      sharers,
      names: sharers.map((who) => scene.names.processName(who)),
      label,
      slot: zero ? 0 : title.slot,
      mark: changed.get(pfn) ?? 'same',
    });
  }
  return [...found.values()];
}

/** Pages that this step copied, in the order in which it did. */
function copiesOf(scene: Scene): WallPicture['copies'] {
  if (scene.was === scene.now) return [];
  const { from, to } = stepEvents(scene);
  const { recording } = scene;
  const copies: { from: number; to: number; bytes: number }[] = [];
  for (let i = from; i < to && copies.length < 64; i++)
    if (recording.kind(i) === Ev.FrameCopy)
      copies.push({
        from: recording.operand(i, 0),
        to: recording.operand(i, 1),
        bytes: PAGE_SIZE * 2 ** recording.operand(i, 2),
      });
  return copies;
}

/** Entries that point to a leaf's frame, in whichever process. */
function counter(m: Machine): Count {
  return ({ entry, table }) => {
    const pfn = pte_pfn(entry);
    if ((entry & _PAGE_SPECIAL) !== 0) return 0;
    return table.level === PTE ? pageMapcount(m, pfn) : Math.max(m.frames.mapcount(pfn), m.frames.entireMapcount(pfn));
  };
}

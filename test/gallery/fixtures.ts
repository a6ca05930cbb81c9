/** Realistic pictures, made by hand: what the machine would tell at moments that are hard to draw. */
import type {
  AddressRow,
  AreaRow,
  AreaSegment,
  AreasPicture,
  EntryRun,
  FrameCell,
  FramesPicture,
  HeatPicture,
  Level,
  Mark,
  PoolCell,
  PoolPicture,
  Slot,
  TableNode,
  TreePicture,
} from '../../src/history/picture';
import type { ChartPicture } from '../../src/views/chart';

const M = 0x100000;
const G = 0x40000000;
export const A = 0x7ffff7600000;

const segment = (
  start: number,
  end: number,
  state: AreaSegment['state'],
  given: Partial<AreaSegment> = {},
): AreaSegment => {
  const pageSize = given.pageSize ?? 4096;
  const pages = (end - start) / pageSize;
  const present = state === 'present' ? pages : state === 'mixed' ? Math.floor(pages / 3) : 0;
  return { start, end, state, pages, present, pageSize, mark: 'same', ...given };
};

function area(
  id: number,
  name: string,
  start: number,
  end: number,
  perms: string,
  given: Partial<AreaRow> = {},
): AreaRow {
  const pageSize = given.pageSize ?? 4096;
  const segments = given.segments ?? [segment(start, end, 'absent', { pageSize })];
  const sum = (of: (one: AreaSegment) => number): number => segments.reduce((n, one) => n + of(one), 0);
  return {
    row: 'area',
    ref: `area:${id}`,
    id,
    name,
    slot: 0,
    start,
    end,
    perms,
    flags: [],
    path: '',
    pageSize,
    pages: (end - start) / pageSize,
    present: sum((one) => one.present),
    reserved: sum((one) => (one.state === 'reserved' ? one.pages : 0)),
    mark: 'same',
    ...given,
    segments,
  };
}

/** Puts gaps between areas given from the highest down. */
function withGaps(areas: readonly (AddressRow & { row: 'area' | 'fold' })[]): AddressRow[] {
  const rows: AddressRow[] = [];
  for (const one of areas) {
    const above = rows.at(-1);
    if (above !== undefined && above.start > one.end) rows.push({ row: 'gap', start: one.end, end: above.start });
    rows.push(one);
  }
  return rows;
}

const picture = (rows: AddressRow[], given: Partial<AreasPicture> = {}): AreasPicture => {
  const areas = rows.filter((row): row is AreaRow => row.row === 'area');
  return {
    who: 1,
    name: 'process 1',
    rows,
    areas: areas.length,
    folded: false,
    bytes: areas.reduce((n, row) => n + row.end - row.start, 0),
    presentBytes: areas.reduce((n, row) => n + row.present * row.pageSize, 0),
    ...given,
  };
};

/** The page's first scenario: `taken` of four huge pages of `a` are there, the rest promised. */
export function huge(taken: number, marks: Mark = 'new'): AreasPicture {
  const pages = [0, 1, 2, 3].map((i) =>
    segment(A + i * 2 * M, A + (i + 1) * 2 * M, i < taken ? 'present' : 'reserved', {
      pageSize: 2 * M,
      mark: i === taken - 1 ? marks : 'same',
    }),
  );
  return picture(
    withGaps([
      area(1, '[stack]', 0x7ffffffde000, 0x7ffffffff000, 'rw-p', {
        segments: [
          segment(0x7ffffffde000, 0x7fffffffd000, 'absent'),
          segment(0x7fffffffd000, 0x7ffffffff000, 'present'),
        ],
      }),
      area(2, '[vdso]', 0x7ffff7ffd000, 0x7ffff7fff000, 'r-xp'),
      area(3, '[vvar]', 0x7ffff7ff9000, 0x7ffff7ffd000, 'r--p'),
      area(7, 'a', A, A + 8 * M, 'rw-p', {
        slot: 1,
        pageSize: 2 * M,
        flags: ['rd', 'wr', 'ht'],
        segments: pages,
        mark: 'changed',
      }),
      area(4, '[heap]', 0x4be000, 0x4e0000, 'rw-p', {
        segments: [segment(0x4be000, 0x4c0000, 'present'), segment(0x4c0000, 0x4e0000, 'absent')],
      }),
      area(5, 'data', 0x4a2000, 0x4be000, 'rw-p', { segments: [segment(0x4a2000, 0x4be000, 'mixed')] }),
      area(6, 'text', 0x400000, 0x4a2000, 'r-xp', { segments: [segment(0x400000, 0x4a2000, 'mixed')] }),
    ]),
  );
}

/** Before anything is mapped. */
export const bare: AreasPicture = picture(
  withGaps(huge(0, 'same').rows.filter((row): row is AreaRow => row.row === 'area' && row.slot === 0)),
);

/** After munmap of the middle of `a` and mprotect of its tail: split, changed, gone, and other mappings of every hue. */
export function manyKinds(): AreasPicture {
  return picture(
    withGaps([
      area(1, '[stack]', 0x7ffffffde000, 0x7ffffffff000, 'rw-p'),
      area(9, 'a', A + 6 * M, A + 8 * M, 'r--p', {
        slot: 1,
        pageSize: 2 * M,
        flags: ['ht'],
        mark: 'changed',
        was: {
          start: A,
          end: A + 8 * M,
          perms: 'rw-p',
        },
        segments: [segment(A + 6 * M, A + 8 * M, 'present', { pageSize: 2 * M })],
      }),
      area(8, 'a', A + 2 * M, A + 6 * M, 'rw-p', { slot: 1, pageSize: 2 * M, flags: ['ht'], mark: 'gone' }),
      area(7, 'a', A, A + 2 * M, 'rw-p', {
        slot: 1,
        pageSize: 2 * M,
        flags: ['ht'],
        mark: 'changed',
        was: {
          start: A,
          end: A + 8 * M,
          perms: 'rw-p',
        },
        segments: [segment(A, A + 2 * M, 'reserved', { pageSize: 2 * M })],
      }),
      area(10, 'b', A - 0x10000, A, 'rw-p', {
        slot: 2,
        segments: [segment(A - 0x10000, A - 0x8000, 'present'), segment(A - 0x8000, A, 'absent')],
      }),
      area(11, 'c', A - 0x40000000, A - 0x3f000000, 'rw-s', {
        slot: 3,
        path: '/dev/shm/c',
        segments: [segment(A - 0x40000000, A - 0x3f000000, 'mixed')],
      }),
      area(12, 'd', A - 2 * G, A - 2 * G + 4096, '---p', { slot: 4 }),
      area(13, 'a-mapping-with-a-very-long-name', A - 3 * G, A - 3 * G + 8 * 4096, 'rw-p', { slot: 5, mark: 'new' }),
      area(14, 'f', A - 1024 * G, A - 1023 * G, 'r--s', {
        slot: 6,
        segments: [segment(A - 1024 * G, A - 1023 * G, 'mixed')],
      }),
      area(15, 'g', A - 2048 * G, A - 2048 * G + 4 * M, 'rw-p', {
        slot: 7,
        flags: ['hg'],
        segments: [
          segment(A - 2048 * G, A - 2048 * G + 2 * M, 'present', { pageSize: 2 * M }),
          segment(A - 2048 * G + 2 * M, A - 2048 * G + 4 * M, 'mixed'),
        ],
      }),
      area(6, 'text', 0x400000, 0x4a2000, 'r-xp'),
    ]),
  );
}

/** After munmap of one page in the middle of `a`: what is left is two areas, and a hole. */
export function holed(): AreasPicture {
  const was = { start: A, end: A + 8 * M, perms: 'rw-p' };
  const page = (start: number, state: AreaSegment['state']): AreaSegment =>
    segment(start, start + 2 * M, state, { pageSize: 2 * M });
  const own = { slot: 1, pageSize: 2 * M, flags: ['ht'] } as const;
  return picture(
    withGaps([
      area(1, '[stack]', 0x7ffffffde000, 0x7ffffffff000, 'rw-p'),
      area(8, 'a', A + 4 * M, A + 8 * M, 'rw-p', {
        ...own,
        mark: 'new',
        base: A,
        segments: [page(A + 4 * M, 'reserved'), page(A + 6 * M, 'reserved')],
      }),
      area(7, 'a', A, A + 2 * M, 'rw-p', { ...own, mark: 'changed', was, segments: [page(A, 'present')] }),
      area(6, 'text', 0x400000, 0x4a2000, 'r-xp'),
    ]),
  );
}

/** 20,000 areas of one page each, folded into `rows` rows. */
export function thousandsOfAreas(rows = 200): AreasPicture {
  const each = Math.floor(20_000 / rows);
  const list: AddressRow[] = [area(1, '[stack]', 0x7ffffffde000, 0x7ffffffff000, 'rw-p')];
  for (let i = 0; i < rows; i++) {
    const end = A - i * each * 8192;
    if (i % 9 === 4)
      list.push(area(100 + i, 'anon', end - 4096, end, i % 2 ? 'rw-p' : 'r--p', { slot: ((i % 7) + 1) as Slot }));
    else
      list.push({
        row: 'fold',
        start: end - each * 8192,
        end,
        areas: each,
        bytes: each * 4096,
        presentBytes: each * 2048,
        changed: i === 3 ? 1 : 0,
        first: 1e3 + i,
        untouched: false,
        names: ['anon', 'anon'],
      });
  }
  return picture(list, { areas: 20_000, folded: true });
}

// ---- page tables

export const run = (
  table: number,
  from: number,
  to: number,
  kind: EntryRun['kind'],
  address: number,
  given: Partial<EntryRun> = {},
): EntryRun => ({
  ref: `entry:${table}:${from}`,
  from,
  to,
  kind,
  address,
  bits: kind === 'table' ? 'P' : 'PWAD',
  pfn: -1,
  contiguous: false,
  area: 0,
  slot: 0,
  child: 0,
  tables: 0,
  leaves: 0,
  mark: 'same',
  was: '',
  ...given,
});

export const table = (
  id: number,
  level: Level,
  parent: number,
  index: number,
  base: number,
  runs: EntryRun[],
  given: Partial<TableNode> = {},
): TableNode => ({
  ref: `table:${id}`,
  id,
  level,
  parent,
  index,
  base,
  runs,
  open: true,
  shared: 1,
  mark: 'same',
  used: runs.reduce((n, one) => n + one.to - one.from, 0),
  ...given,
});

export const tree = (tables: TableNode[], given: Partial<TreePicture> = {}): TreePicture => ({
  who: 1,
  tables,
  leaves: 14,
  hugeLeaves: 2,
  hidden: 0,
  count: [0, 1, 2, 3, 4].map(
    (level) => tables.filter((one) => one.level === level).length,
  ) as unknown as TreePicture['count'],
  ...given,
});

/** The tables of the first scenario. */
export function hugeTree(taken: number): TreePicture {
  const leaves = Array.from({ length: taken }, (_, i) =>
    run(7, 443 + i, 444 + i, 'huge', A + i * 2 * M, {
      bits: i === 0 ? 'PWADS' : 'PWADS',
      area: 7,
      slot: 1,
      pfn: 512 * (20 + i),
      contiguous: true,
      mark: i === taken - 1 ? 'new' : 'same',
    }),
  );
  return tree(
    [
      table(1, 4, 0, 0, 0, [
        run(1, 0, 1, 'table', 0, { child: 2 }),
        run(1, 255, 256, 'table', 255 * 512 * G, { child: 5 }),
      ]),
      table(2, 3, 1, 0, 0, [run(2, 0, 1, 'table', 0, { child: 3 })]),
      table(5, 3, 1, 255, 255 * 512 * G, [run(5, 511, 512, 'table', 0x7fffc0000000, { child: 7 })]),
      table(3, 2, 2, 0, 0, [run(3, 2, 3, 'table', 0x400000, { child: 4 })]),
      table(7, 2, 5, 511, 0x7fffc0000000, [
        ...leaves,
        run(7, 447, 448, 'table', 0x7ffff7e00000, { child: 8 }),
        run(7, 511, 512, 'table', 0x7fffffe00000, { child: 9 }),
      ]),
      table(
        4,
        1,
        3,
        2,
        0x400000,
        [
          run(4, 0, 5, 'leaf', 0x400000, { bits: 'PA', pfn: 100, contiguous: true }),
          run(4, 20, 21, 'leaf', 0x414000, { bits: 'PA', pfn: 120 }),
          run(4, 0xa2, 0xa6, 'leaf', 0x4a2000, { pfn: 130, contiguous: true }),
          run(4, 0xbe, 0xc0, 'leaf', 0x4be000, { pfn: 140, contiguous: true }),
        ],
        { names: ['[heap]', 'data', 'text'] },
      ),
      table(8, 1, 7, 447, 0x7ffff7e00000, [run(8, 0x1fd, 0x1ff, 'leaf', 0x7ffff7ffd000, { bits: 'PAZ', pfn: 10 })], {
        names: ['[vdso]'],
      }),
      table(
        9,
        1,
        7,
        511,
        0x7fffffe00000,
        [run(9, 0x1fd, 0x1ff, 'leaf', 0x7fffffffd000, { pfn: 150, contiguous: true })],
        { names: ['[stack]'] },
      ),
    ],
    { hugeLeaves: taken },
  );
}

/** 1 GiB by 4 KiB pages: 512 PTE tables below one PMD table, two of them open. */
export function gigabyteTree(): TreePicture {
  const base = 0x7fff80000000;
  const leafRuns = (id: number, start: number): EntryRun[] => [
    run(id, 0, 512, 'leaf', start, { area: 7, slot: 2, pfn: 4096, contiguous: true }),
  ];
  return tree(
    [
      table(1, 4, 0, 0, 0, [
        run(1, 0, 1, 'table', 0, { child: 2 }),
        run(1, 255, 256, 'table', 255 * 512 * G, { child: 5 }),
      ]),
      table(2, 3, 1, 0, 0, [run(2, 0, 1, 'table', 0, { child: 3 })]),
      table(5, 3, 1, 255, 255 * 512 * G, [
        run(5, 510, 511, 'table', base, { child: 6 }),
        run(5, 511, 512, 'table', base + G, { child: 7 }),
      ]),
      table(3, 2, 2, 0, 0, [run(3, 2, 3, 'table', 0x400000, { child: 4 })]),
      table(6, 2, 5, 510, base, [
        run(6, 0, 200, 'tables', base, { slot: 2, tables: 200, leaves: 102_400, area: 7 }),
        run(6, 200, 201, 'table', base + 200 * 2 * M, { child: 10, slot: 2, area: 7 }),
        run(6, 201, 511, 'tables', base + 201 * 2 * M, { slot: 2, tables: 310, leaves: 158_720, area: 7 }),
        run(6, 511, 512, 'table', base + 511 * 2 * M, { child: 11, slot: 2, area: 7, mark: 'new' }),
      ]),
      table(7, 2, 5, 511, base + G, [run(7, 511, 512, 'table', 0x7fffffe00000, { child: 9 })]),
      table(4, 1, 3, 2, 0x400000, [run(4, 0, 5, 'leaf', 0x400000, { bits: 'PA', pfn: 100, contiguous: true })], {
        names: ['text'],
      }),
      table(10, 1, 6, 200, base + 200 * 2 * M, leafRuns(10, base + 200 * 2 * M), { names: ['a'] }),
      table(
        11,
        1,
        6,
        511,
        base + 511 * 2 * M,
        [
          run(11, 0, 300, 'leaf', base + 511 * 2 * M, { area: 7, slot: 2, pfn: 9000, contiguous: true, bits: 'PWAD' }),
          run(11, 300, 301, 'leaf', base + 511 * 2 * M + 300 * 4096, { area: 7, slot: 2, pfn: 9300, mark: 'new' }),
        ],
        { names: ['a'], mark: 'same' },
      ),
      table(
        9,
        1,
        7,
        511,
        0x7fffffe00000,
        [run(9, 0x1fd, 0x1ff, 'leaf', 0x7fffffffd000, { pfn: 150, contiguous: true })],
        { names: ['[stack]'] },
      ),
    ],
    { leaves: 262_144, hugeLeaves: 0, hidden: 510, count: [0, 514, 3, 2, 1] },
  );
}

/** Many processes' worth of small tables, of all looks. */
export function wideTree(n = 24): TreePicture {
  const tables: TableNode[] = [table(1, 4, 0, 0, 0, [run(1, 255, 256, 'table', 255 * 512 * G, { child: 2 })])];
  const base = 255 * 512 * G;
  tables.push(table(2, 3, 1, 255, base, [run(2, 3, 4, 'table', base + 3 * G, { child: 3 })]));
  const runs = Array.from({ length: n }, (_, i) =>
    run(3, i * 5, i * 5 + 1, 'table', base + 3 * G + i * 10 * M, { child: 10 + i }),
  );
  tables.push(table(3, 2, 2, 3, base + 3 * G, runs));
  for (let i = 0; i < n; i++) {
    const start = base + 3 * G + i * 10 * M;
    const bits = ['PWAD', 'PA', 'N', 'PWA'][i % 4]!;
    tables.push(
      table(10 + i, 1, 3, i * 5, start, [
        run(10 + i, 8 * (i % 5), 8 * (i % 5) + 1 + (i % 7), 'leaf', start, {
          slot: (i % 8) as Slot,
          bits,
          pfn: 1000 + 50 * i,
          contiguous: true,
        }),
        run(10 + i, 200, 420, 'mixed', start + 200 * 4096, { slot: (i % 8) as Slot, leaves: 30 + i * 5 }),
      ]),
    );
  }
  return tree(tables);
}

/** Each of 262,144 entries one pixel: a gigabyte being touched from below, a read-only part, holes. */
export function heat(n = 262_144): HeatPicture {
  const pixels = new Uint8Array(n);
  const fill = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const inside = i % 20_000 > 900;
    const slot = 1 + (Math.floor(i / 60_000) % 7);
    const present = inside && i < n * 0.7 && (i * 2654435761) % 97 > 10;
    const writable = i % 50_000 < 30_000;
    pixels[i] =
      slot |
      (inside ? 8 : 0) |
      (present ? 16 : 0) |
      (present && writable ? 32 : 0) |
      (i > n * 0.698 && i < n * 0.7 ? 128 : 0);
    fill[i] = present ? 255 : 0;
  }
  return { who: 1, start: 0x7fff80000000, end: 0x7fff80000000 + n * 4096, bytesPerPixel: 4096, pixels, fill };
}

// ---- pool

const cell = (key: string, state: PoolCell['state'], given: Partial<PoolCell> = {}): PoolCell => ({
  ref: null,
  key,
  state,
  surplus: false,
  count: 1,
  pfn: -1,
  label: '',
  who: [],
  area: 0,
  file: 0,
  offset: -1,
  slot: 0,
  mark: 'same',
  ...given,
});

export function pool(taken: number, promised: number, total = 8): PoolPicture {
  const cells: PoolCell[] = [];
  for (let i = 0; i < taken; i++)
    cells.push(
      cell(`frame:${512 * (20 + i)}`, 'used', {
        ref: `frame:${512 * (20 + i)}`,
        pfn: 512 * (20 + i),
        label: i === 0 ? 'a+0' : `a+${2 * i}M`,
        who: [1],
        area: 7,
        offset: i * 2 * M,
        slot: 1,
        mark: i === taken - 1 ? 'new' : 'same',
      }),
    );
  for (let i = taken; i < taken + promised; i++)
    cells.push(cell(`rsvd:7:${i}`, 'reserved', { ref: 'area:7', label: 'a', area: 7, slot: 1, offset: i * 2 * M }));
  for (let i = taken + promised; i < total; i++)
    cells.push(cell(`free:${i}`, 'free', { ref: `frame:${512 * (20 + i)}`, pfn: 512 * (20 + i) }));
  return {
    pageSize: 2 * M,
    wanted: true,
    total: {
      was: total,
      now: total,
    },
    free: {
      was: total - taken + 1,
      now: total - taken,
    },
    rsvd: {
      was: promised + 1,
      now: promised,
    },
    surp: {
      was: 0,
      now: 0,
    },
    overcommit: {
      was: 0,
      now: 0,
    },
    cells,
    holders: [
      {
        ref: 'area:7',
        label: 'a',
        slot: 1,
        reserved: promised,
        was: promised + 1,
      },
    ],
    summary: `${taken} in use · ${promised} promised to a · ${total - taken - promised} free`,
  };
}

export const noPool: PoolPicture = {
  ...pool(0, 0, 0),
  free: { was: 0, now: 0 },
  rsvd: { was: 0, now: 0 },
  summary: '',
};

/** Surplus pages, pages shared after a fork, a file's, one given back. */
export function mixedPool(): PoolPicture {
  const base = pool(3, 2, 12).cells;
  const cells = base.map((one, i) =>
    i === 1
      ? { ...one, who: [1, 2] }
      : i === 2
        ? { ...one, slot: 2 as Slot, label: 'huge-file+1G', file: 3, area: 0, mark: 'same' as Mark }
        : one,
  );
  cells[5] = cell('frame:99328', 'used', {
    ref: 'frame:99328',
    pfn: 99_328,
    label: 'b+4M',
    slot: 3,
    who: [2],
    area: 8,
    surplus: true,
    mark: 'changed',
  });
  cells[6] = cell('frame:99840', 'used', {
    ref: 'frame:99840',
    pfn: 99_840,
    label: 'b+6M',
    slot: 3,
    who: [2],
    area: 8,
    mark: 'gone',
  });
  return {
    ...pool(3, 2, 12),
    total: {
      was: 11,
      now: 12,
    },
    surp: {
      was: 0,
      now: 1,
    },
    cells,
    summary: '4 in use, 1 of them surplus · 2 promised to a · 6 free',
  };
}

/** 20,480 pages in runs. */
export function bigPool(): PoolPicture {
  const cells = [
    cell('frame:512', 'used', { ref: 'frame:512', pfn: 512, count: 12_000, label: 'a', slot: 1, area: 7, who: [1] }),
    cell('frame:99999', 'used', {
      ref: 'frame:99999',
      pfn: 99_999,
      count: 40,
      label: 'b',
      slot: 2,
      area: 8,
      who: [1, 2],
      mark: 'changed',
    }),
    cell('rsvd:7:0', 'reserved', { ref: 'area:7', count: 4_000, label: 'a', slot: 1, area: 7 }),
    cell('rsvd:9:0', 'reserved', { ref: 'file:9', count: 1, label: 'a-file-with-a-long-name', slot: 4, file: 9 }),
    cell('free:0', 'free', { count: 4_439 }),
  ];
  return {
    ...pool(0, 0, 0),
    total: {
      was: 20480,
      now: 20480,
    },
    free: {
      was: 8441,
      now: 8440,
    },
    rsvd: {
      was: 4002,
      now: 4001,
    },
    cells,
    summary: '12 040 in use · 4 001 promised · 4 439 free',
  };
}

// ---- frames

export const frame = (pfn: number, given: Partial<FrameCell> = {}): FrameCell => ({
  ref: `frame:${pfn}`,
  pfn,
  frames: 1,
  run: false,
  kind: 'anon',
  refcount: 1,
  mapcount: 1,
  sharers: [1],
  area: 4,
  label: 'heap',
  slot: 0,
  mark: 'same',
  ...given,
});

/** After a fork and one write: shared frames, one copy, the zero page, page cache, a huge page. */
export function forked(): FramesPicture {
  const cells = [
    frame(0x10, { kind: 'zero', sharers: [1, 2], refcount: 3, mapcount: 2, label: 'zero page' }),
    ...[0x100, 0x101, 0x102, 0x103, 0x104].map((pfn) =>
      frame(pfn, { kind: 'file', sharers: [1, 2], mapcount: 2, label: 'text' }),
    ),
    frame(0x105, { kind: 'file' }),
    frame(0x140, { kind: 'file', frames: 4, run: true, label: 'rodata' }),
    frame(0x180, { kind: 'file', frames: 128, label: 'rodata', sharers: [1, 2] }),
    ...[0x108, 0x109, 0x10a, 0x10b].map((pfn) =>
      frame(pfn, { slot: 1, area: 7, label: 'a', sharers: [1, 2], mapcount: 2, refcount: 2 }),
    ),
    frame(0x10c, { slot: 1, area: 7, label: 'a', mark: 'changed' }),
    frame(0x10d, { slot: 2, area: 8, label: 'b', sharers: [1, 2, 3], mapcount: 3 }),
    frame(0x10e, { slot: 1, area: 17, label: 'a', sharers: [2], mark: 'new' }),
    frame(0x130, { slot: 3, area: 9, label: 'c', kind: 'shmem' }),
    frame(0x131, { slot: 3, area: 9, label: 'c', mark: 'gone' }),
    frame(0x2800, { frames: 512, kind: 'hugetlb', slot: 1, area: 7, label: 'a+0' }),
    frame(0x2a00, { frames: 512, kind: 'hugetlb', slot: 1, area: 7, label: 'a+2M', sharers: [1, 2], mapcount: 2 }),
    frame(0x9000, { frames: 30_000, run: true, slot: 4, label: 'd' }),
  ];
  return { who: null, cells: cells.toSorted((a, b) => a.pfn - b.pfn), small: 30_149, huge: 2, next: null };
}

/** `n` single frames, every fifth free. */
export function manyFrames(n: number): FramesPicture {
  const cells = Array.from({ length: n }, (_, i) =>
    frame(0x1000 + i + Math.floor(i / 4), { slot: (Math.floor(i / 100) % 8) as Slot }),
  );
  return { who: 1, cells, small: n, huge: 0, next: null };
}

// ---- figures

export const ledger: ChartPicture = {
  title: 'What each design cost',
  groups: [
    {
      key: 'loads',
      label: 'Loads and tests on normal mappings',
      unit: 'count',
      bars: [
        {
          key: 'ops',
          label: 'ops',
          value: 1240,
          slot: 1,
          chosen: true,
        },
        {
          key: 'flag',
          label: 'flag',
          value: 620,
          slot: 2,
          chosen: false,
        },
        {
          key: 'mainline',
          label: 'mainline',
          value: 711,
          slot: 3,
          chosen: false,
        },
      ],
    },
    {
      key: 'bytes',
      label: 'Bytes for each area',
      unit: 'bytes',
      bars: [
        {
          key: 'ops',
          label: 'ops',
          value: 8,
          slot: 1,
          chosen: true,
        },
        {
          key: 'flag',
          label: 'flag',
          value: 0,
          slot: 2,
          chosen: false,
        },
        {
          key: 'mainline',
          label: 'mainline',
          value: 0,
          slot: 3,
          chosen: false,
        },
      ],
    },
  ],
};

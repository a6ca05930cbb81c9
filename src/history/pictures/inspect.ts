/** Everything about one thing, with Linux's names and what they mean. */
import { hex, PAGE_SIZE, sizeText } from '../../base/units';
import { get_vma_name, vma_kernel_pagesize, vmaPerms, vmFlagCodes } from '../../engine/fs/proc';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import {
  PG_anon,
  PG_anon_exclusive,
  PG_dirty,
  PG_hugetlb,
  PG_hugetlb_restore_reserve,
  PG_mapping,
  PG_mlocked,
  PG_reserved,
  PG_uptodate,
  PG_used,
} from '../../engine/mm/page_alloc';
import { LEVEL_NAME, LEVEL_SIZE, pte_pfn } from '../../engine/mm/pgtable';
import { EVENT_FIELDS } from '../../engine/events';
import { textOfEvent } from '../event-text';
import type { Fellows, Inspection, InspectionRow, Ref, Sentence, Slot } from '../picture';
import type { Scene } from '../run';
import { isRefused } from '../source';
import { fellowsOf, partsOfRef, tablePlaces } from './fellows';
import { areaById, inodesOf, isHugetlb, promisedPages, tally, titleOf } from './look';
import { endingOf } from './ending';
import { namingOf } from './path';
import { bitsText } from './bits';

const NONE: Fellows = { areas: [], tables: [], entries: [], frames: [], processes: [], ranges: [] };

interface Draft {
  title: string;
  slot?: Slot;
  sentence: string;
  rows: InspectionRow[];
  links?: { label: string; ref: Ref }[];
}

export function inspect(scene: Scene, ref: Ref): Inspection {
  const draft = draftOf(scene, ref);
  if (draft === null) {
    const gone: Sentence = [{ kind: 'plain', text: 'It is not there at this moment.' }];
    return {
      ref,
      found: false,
      title: ref.replace(':', ' '),
      slot: 0,
      sentence: gone,
      rows: [],
      links: [],
      fellows: NONE,
    };
  }
  return {
    ref,
    found: true,
    title: draft.title,
    slot: draft.slot ?? 0,
    sentence: [{ kind: 'plain', text: draft.sentence }],
    rows: draft.rows,
    links: (draft.links ?? []).slice(0, 40),
    fellows: fellowsOf(scene, [ref]),
  };
}

function draftOf(scene: Scene, ref: Ref): Draft | null {
  const { kind, id, index } = partsOfRef(ref);
  switch (kind) {
    case 'area':
      return areaDraft(scene, id);
    case 'table':
      return tableDraft(scene, id);
    case 'entry':
      return entryDraft(scene, id, index);
    case 'frame':
      return frameDraft(scene, id);
    case 'process':
      return processDraft(scene, id);
    case 'file':
      return fileDraft(scene, id);
    case 'event':
      return eventDraft(scene, id);
    case 'operation':
      return operationDraft(scene, id);
    default:
      return null;
  }
}

const row = (name: string, value: string | number, meaning: string, was?: string | number): InspectionRow => ({
  name,
  value: String(value),
  meaning,
  changed: was !== undefined && String(was) !== String(value),
});
const at = (address: number): string => (Number.isFinite(address) ? `0x${hex(address)}` : 'the end');

function areaDraft(scene: Scene, id: number): Draft | null {
  const vma = areaById(scene.now, id);
  if (vma === null) return null;
  const old = scene.now === scene.was ? vma : areaById(scene.was, id);
  const title = titleOf(scene, vma, scene.k);
  const there = tally(vma.vm_mm, vma.vm_start, vma.vm_end);
  const before = old === null ? there : tally(old.vm_mm, old.vm_start, old.vm_end);
  const page = vma_kernel_pagesize(vma);
  const rows = [
    row('vm_start', at(vma.vm_start), 'The first byte that belongs to it.', at(old?.vm_start ?? 0)),
    row('vm_end', at(vma.vm_end), 'The first byte that no longer does.', at(old?.vm_end ?? 0)),
    row('size', sizeText(vma.vm_end - vma.vm_start), 'Bytes that may be touched, present or not.'),
    row('vm_flags', at(vma.vm_flags), flagWords(vma), at(old?.vm_flags ?? 0)),
    row('permissions', vmaPerms(vma.vm_flags), 'What maps prints: read, write, execute, private or shared.'),
    row(
      'vm_pgoff',
      at(vma.vm_pgoff),
      'Offset into the file, or the address at birth, in 4 KiB pages.',
      at(old?.vm_pgoff ?? 0),
    ),
    row(
      'vm_ops',
      vma.vm_ops?.name ?? 'NULL',
      vma.vm_ops === null ? 'Anonymous memory has no table of handlers.' : 'The handlers that the file behind it gave.',
    ),
    row('pagetable_ops', vma.pagetable_ops?.name ?? 'NULL', 'What design ops hangs here: NULL means the generic way.'),
    row(
      'vm_file',
      get_vma_name(vma) === '' || vma.vm_file === null ? 'NULL' : get_vma_name(vma),
      'The file that it maps.',
    ),
    row(
      'anon_vma',
      vma.anon_vma === null ? 'NULL' : vma.anon_vma.id,
      'The family whose anonymous pages it may hold.',
      old?.anon_vma?.id ?? 'NULL',
    ),
    row('KernelPageSize', sizeText(page), 'Size of one page of the mapping.'),
    row('Rss', sizeText(there.bytes), 'Bytes of it that are in memory.', sizeText(before.bytes)),
  ];
  if (isHugetlb(vma)) {
    rows.push(
      row(
        'reserved',
        promisedPages(vma),
        'Pages of the pool that are promised to it and not taken.',
        old === null ? 0 : promisedPages(old),
      ),
      row(
        'HPAGE_RESV_OWNER',
        vma.resv_owner ? 'yes' : 'no',
        'Whether this process made the reservation and may use it.',
        old?.resv_owner ? 'yes' : 'no',
      ),
      row(
        'HPAGE_RESV_UNMAPPED',
        vma.resv_unmapped ? 'yes' : 'no',
        'Whether the owner took a page away from here.',
        old?.resv_unmapped ? 'yes' : 'no',
      ),
    );
  }
  const links: Draft['links'] = [{ label: scene.names.processName(vma.vm_mm.id), ref: `process:${vma.vm_mm.id}` }];
  if (vma.vm_file !== null) links.push({ label: get_vma_name(vma), ref: `file:${vma.vm_file.inode.id}` });
  return {
    title: `area ${title.name}`,
    slot: title.slot,
    sentence: `An area says what may be touched from ${at(vma.vm_start)} on, and how; page tables say what is there.`,
    rows,
    links,
  };
}

function flagWords(vma: vm_area_struct): string {
  return `As smaps writes them: ${vmFlagCodes(vma.vm_flags)}.`;
}

function tableDraft(scene: Scene, id: number): Draft | null {
  const [place] = tablePlaces(scene.now, id);
  if (place === undefined) return null;
  const [old] = tablePlaces(scene.was, id);
  const { table, parent, index, base, mm } = place;
  const level = LEVEL_NAME[table.level as 1];
  const one = LEVEL_SIZE[table.level]!;
  const links: Draft['links'] = [{ label: scene.names.processName(mm.id), ref: `process:${mm.id}` }];
  if (parent !== null) links.push({ label: `entry ${index} above`, ref: `entry:${parent.id}:${index}` });
  return {
    title: `${level} table of ${at(base)}`,
    sentence: `A page of 512 entries; each of this level covers ${sizeText(one)}.`,
    rows: [
      row('level', level, 'PGD, PUD, PMD, PTE: from the top to the one that maps 4 KiB pages.'),
      row('covers', `${at(base)}-${at(base + one * 512)}`, 'The addresses that are looked up through it.'),
      row('used', `${table.used} of 512`, 'Entries that are not empty.', `${old?.table.used ?? 0} of 512`),
      row(
        'shared by',
        table.share_count,
        'Processes that use this very table (hugetlb only).',
        old?.table.share_count ?? 0,
      ),
      row('takes', sizeText(PAGE_SIZE), 'It counts in VmPTE, the top one excepted.'),
    ],
    links,
  };
}

const BIT_MEANING: Readonly<Record<string, readonly [string, string]>> = {
  P: ['_PAGE_PRESENT', 'The processor uses the entry.'],
  W: ['_PAGE_RW', 'Writes are allowed.'],
  A: ['_PAGE_ACCESSED', 'It was used.'],
  D: ['_PAGE_DIRTY', 'It was written through.'],
  S: ['_PAGE_PSE', 'A leaf above the lowest level: a huge page.'],
  N: ['_PAGE_PROTNONE', 'Present for the kernel, refused to the process.'],
  Z: ['_PAGE_SPECIAL', 'The frame is not counted (the page of zeroes, raw frames).'],
};

function entryDraft(scene: Scene, id: number, index: number): Draft | null {
  const [place] = tablePlaces(scene.now, id);
  if (place === undefined) return null;
  const { table, base, mm } = place;
  const size = LEVEL_SIZE[table.level]!;
  const address = base + index * size;
  const entry = table.entries[index]!;
  const lower = table.down?.[index] ?? null;
  const level = LEVEL_NAME[table.level as 1];
  const title = `${level} entry ${index}`;
  const links: Draft['links'] = [{ label: `${level} table`, ref: `table:${id}` }];
  const vma = mm.mm_mt.lookup(address);
  const named = vma === null ? null : titleOf(scene, vma, scene.k);
  if (vma !== null) links.push({ label: `area ${named!.name}`, ref: `area:${vma.id}` });
  const rows = [row('maps', `${at(address)}-${at(address + size)}`, 'The addresses that this entry answers for.')];
  if (lower !== null) {
    rows.push(row('points to', `${LEVEL_NAME[lower.level as 1]} table`, 'The walk goes on there.'));
    links.push({ label: `${LEVEL_NAME[lower.level as 1]} table below`, ref: `table:${lower.id}` });
    return { title, slot: named?.slot ?? 0, sentence: 'This entry points to a table one level down.', rows, links };
  }
  if (entry === 0) return { title, sentence: 'The entry is empty: a touch faults.', rows, links };
  const pfn = pte_pfn(entry);
  const was = tablePlaces(scene.was, id)[0]?.table.entries[index] ?? 0;
  rows.push(row('pfn', at(pfn), 'The physical frame that it maps.', at(pte_pfn(was))));
  const before = bitsText(was);
  for (const [letter, [name, meaning]] of Object.entries(BIT_MEANING)) {
    const set = bitsText(entry).includes(letter);
    rows.push(row(name, set ? 1 : 0, meaning, before.includes(letter) ? 1 : 0));
  }
  links.push({ label: `frame ${at(pfn)}`, ref: `frame:${scene.now.frames.compound_head(pfn)}` });
  return { title, slot: named?.slot ?? 0, sentence: 'A leaf: from here the processor knows the frame.', rows, links };
}

const FRAME_BITS: readonly (readonly [number, string])[] = [
  [PG_anon, 'anonymous'],
  [PG_anon_exclusive, 'exclusive'],
  [PG_hugetlb, 'of the pool'],
  [PG_hugetlb_restore_reserve, 'restores its reservation'],
  [PG_mapping, 'in a page cache'],
  [PG_dirty, 'dirty'],
  [PG_mlocked, 'locked'],
  [PG_reserved, "the kernel's"],
  [PG_uptodate, 'up to date'],
];

function frameDraft(scene: Scene, pfn: number): Draft | null {
  const { frames } = scene.now;
  if (pfn >= frames.top || (frames.flags(pfn) & PG_used) === 0) return null;
  const old = scene.was.frames;
  const head = frames.compound_head(pfn);
  const order = frames.order(pfn);
  const flags = frames.flags(head);
  const { areas } = fellowsOf(scene, [`frame:${head}`]);
  const maps = order === 0 ? frames.mapcount(head) : Math.max(frames.mapcount(head), frames.entireMapcount(head));
  const wasMaps =
    head < old.top ? (order === 0 ? old.mapcount(head) : Math.max(old.mapcount(head), old.entireMapcount(head))) : 0;
  const links = areas.slice(0, 12).flatMap((id) => {
    const vma = areaById(scene.now, id);
    if (vma === null) return [];
    const who = scene.names.processName(vma.vm_mm.id);
    return [{ label: `area ${titleOf(scene, vma, scene.k).name} of ${who}`, ref: `area:${id}` as const }];
  });
  const words = FRAME_BITS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
  return {
    title: `frame ${at(head)}`,
    sentence: order === 0 ? 'One page of physical memory.' : `${2 ** order} pages of physical memory that go together.`,
    rows: [
      row('pfn', at(head), 'Number of the first frame; its address is this times 4096.'),
      row('order', order, 'The page is 4 KiB times two to this.'),
      row(
        '_refcount',
        frames.refcount(head),
        'Everyone who holds it: mappings, page cache, the pool.',
        head < old.top ? old.refcount(head) : 0,
      ),
      row('_mapcount', maps, 'Entries that map it.', wasMaps),
      row('flags', words.length === 0 ? '0' : words.join(', '), 'What kind of page it is.'),
      row('index', frames.index(head), 'Its offset within the file or the anonymous mapping, in pages.'),
    ],
    links,
  };
}

function processDraft(scene: Scene, who: number): Draft | null {
  const mm = scene.now.tasks.get(who)?.mm;
  if (mm === undefined) return null;
  const old = scene.was.tasks.get(who)?.mm;
  const kb = (pages: number): string => `${pages * 4} kB`;
  return {
    title: scene.names.processName(who),
    sentence: 'A process: one address space and its open files.',
    rows: [
      row('map_count', mm.map_count, 'Areas.', old?.map_count ?? 0),
      row('VmSize', kb(mm.total_vm), 'Everything that is mapped.', kb(old?.total_vm ?? 0)),
      row(
        'VmRSS',
        kb(mm.rss_anon + mm.rss_file + mm.rss_shmem),
        'What of it is in memory; pages of the pool are not counted.',
        kb((old?.rss_anon ?? 0) + (old?.rss_file ?? 0) + (old?.rss_shmem ?? 0)),
      ),
      row('HugetlbPages', kb(mm.hugetlb_usage), 'Pages of the pool that it maps.', kb(old?.hugetlb_usage ?? 0)),
      row(
        'VmPTE',
        `${mm.pgtables_bytes / 1024} kB`,
        'Its page tables, the top one excepted.',
        `${(old?.pgtables_bytes ?? 0) / 1024} kB`,
      ),
      row('VmLck', kb(mm.locked_vm), 'What must stay in memory.', kb(old?.locked_vm ?? 0)),
      row('brk', at(mm.brk), 'End of the heap.', at(old?.brk ?? 0)),
    ],
  };
}

function fileDraft(scene: Scene, id: number): Draft | null {
  const inode = inodesOf(scene.now).get(id);
  if (inode === undefined) return null;
  const old = inodesOf(scene.was).get(id);
  return {
    title: `file ${id}`,
    sentence: 'A file: its pages are in the page cache once, whoever maps them.',
    rows: [
      row('i_size', sizeText(inode.i_size), 'Length.', sizeText(old?.i_size ?? 0)),
      row('nrpages', inode.i_mapping.i_pages.size, 'Pages of it that are in memory.', old?.i_mapping.i_pages.size ?? 0),
      row('page size', sizeText(inode.page_bytes), 'Of its page cache.'),
      row('i_mmap', inode.i_mapping.i_mmap.size, 'Areas that map it.', old?.i_mapping.i_mmap.size ?? 0),
      row(
        'reserved',
        inode.resv === null ? 0 : inode.resv.regions.map((r) => `${r.from}-${r.to}`).join(' ') || 0,
        'Ranges that the pool promised to it, in huge pages.',
      ),
    ],
    links: [...inode.i_mapping.i_mmap]
      .slice(0, 12)
      .map((vma) => ({ label: `area ${titleOf(scene, vma, scene.k).name}`, ref: `area:${vma.id}` as const })),
  };
}

function eventDraft(scene: Scene, index: number): Draft | null {
  if (index >= scene.recording.kept) return null;
  const event = scene.recording.event(index);
  const text = textOfEvent(event, namingOf(scene));
  const values = [event.a, event.b, event.c, event.d, event.e];
  const fields = EVENT_FIELDS[event.kind];
  return {
    title: text.code,
    sentence:
      text.note === '' ? `Step ${index + 1} of the operation.` : `${text.note[0]!.toUpperCase()}${text.note.slice(1)}.`,
    rows: fields.map((name, i) => row(name, values[i]! >= 65536 ? at(values[i]!) : values[i]!, text.where)),
    links: text.refs.map((ref) => ({ label: ref.replace(':', ' '), ref })),
  };
}

function operationDraft(scene: Scene, k: number): Draft | null {
  const { run } = scene;
  if (k < 1 || k > run.reached) return null;
  const operation = run.log.operation(k - 1);
  if (isRefused(operation)) return { title: run.source.statement(k - 1).text, sentence: operation.refused, rows: [] };
  const outcome = run.log.outcome(k - 1);
  return {
    title: run.source.statement(k - 1).text,
    sentence: `Operation ${k} of ${run.length}. ${endingOf(run, k).text}`.trim(),
    rows: [
      row(
        'call',
        `${operation.op}(${operation.args
          .slice(0, 6)
          .map((x) => (x >= 65536 ? at(x) : String(x)))
          .join(', ')})`,
        'With its arguments as numbers.',
      ),
      row('result', outcome.ret >= 65536 ? at(outcome.ret) : outcome.ret, 'What the call returned.'),
      row('min_flt', outcome.minflt, 'Faults that it took.'),
    ],
  };
}

/**
 * Keyframes: the whole state of a machine, to go back to. Page-table entries, frame metadata and page caches are shared
 * with the running machine until it writes them; everything else is copied.
 */
import { assert } from '../base/assert';
import { shmid_kernel } from './ipc/segment';
import { Machine } from './machine';
import type { Contents } from './mm/contents';
import { hstate } from './mm/hugetlb_types';
import { address_space, anon_vma, file, inode, mm_struct, resv_map, Task, vm_area_struct } from './mm/mm_types';
import type { FramesSnapshot } from './mm/page_alloc';
import { Table } from './mm/pgtable';
import type { Tlb } from './mm/tlb';

/** A moment of a machine. Opaque; never changed once taken. */
export interface Snapshot {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly names: ReadonlyMap<string, inode>;
  readonly shm: ReadonlyMap<number, shmid_kernel>;
  readonly hstate: hstate;
  readonly frames: FramesSnapshot;
  readonly counters: Counters;
  readonly tlb: Tlb | null;
  readonly contents: Contents | null;
  /** Memory that only this snapshot holds on to, bytes, about. */
  readonly bytes: number;
}

type Counters = Pick<Machine, (typeof COUNTERS)[number]>;
const COUNTERS = [
  'next_vma_id',
  'next_table_id',
  'next_anon_vma_id',
  'next_inode_id',
  'next_file_id',
  'huge_zero_pfn',
  'has_blank_pages',
  'vdso_image',
  'committed',
  'operations',
  'damage',
  'shm_ids',
] as const;

const copyCounters = (from: Counters): Counters =>
  Object.fromEntries(COUNTERS.map((key) => [key, from[key]])) as unknown as Counters;

/** The machine as it is now. From then on the machine copies what it shares with the snapshot before it writes. */
export function snapshot(m: Machine): Snapshot {
  const copier = new Copier(m);
  const state = copier.state(m);
  const frames = m.frames.snapshot();
  m.token = {};
  const tlb = m.tlb === null ? null : m.tlb.copy();
  const contents = m.contents === null ? null : m.contents.copy();
  const bytes =
    copier.bytes +
    frames.bytes +
    (tlb === null ? 0 : tlb.size * TRANSLATION_BYTES) +
    (contents === null ? 0 : contents.bytes);
  return { ...state, frames, counters: copyCounters(m), tlb, contents, bytes };
}

/** A machine of the same configuration with nothing in it, to be restored to a snapshot. */
export function twin(m: Machine): Machine {
  const other = new Machine(m.config, new hstate());
  other.meter.tell = m.meter.tell;
  return other;
}

/** Puts the machine back to a snapshot of it, or of a machine with the same configuration. The snapshot stays good. */
export function restore(m: Machine, s: Snapshot): void {
  const state = new Copier(m).state(s);
  m.tasks.clear();
  for (const [who, task] of state.tasks) m.tasks.set(who, task);
  m.names.clear();
  for (const [path, node] of state.names) m.names.set(path, node);
  m.shm.clear();
  for (const [id, segment] of state.shm) m.shm.set(id, segment);
  m.hstate = state.hstate;
  m.frames.restore(s.frames);
  Object.assign(m, s.counters);
  m.tlb = s.tlb === null ? null : s.tlb.copy();
  m.contents = s.contents === null ? null : s.contents.copy();
  m.token = {};
}

type State = Pick<Snapshot, 'tasks' | 'names' | 'shm' | 'hstate'>;

const TRANSLATION_BYTES = 64;
const VMA_BYTES = 300;
const TABLE_BYTES = 120;
const SLOTS_BYTES = 4096 + 64;
const ENTRIES_BYTES = 2048 + 64;

/** Copies everything that a machine's processes and names reach; what was one thing stays one thing. */
class Copier {
  bytes = 4096;
  private readonly mms = new Map<mm_struct, mm_struct>();
  private readonly vmas = new Map<vm_area_struct, vm_area_struct>();
  private readonly tables = new Map<Table, Table>();
  private readonly anonVmas = new Map<anon_vma, anon_vma>();
  private readonly resvMaps = new Map<resv_map, resv_map>();
  private readonly files = new Map<file, file>();
  private readonly inodes = new Map<inode, inode>();

  /** @param m the machine that the copies belong to */
  constructor(private readonly m: Machine) {}

  state(from: State): State {
    // Areas first: files point back to the areas that map them, whichever process these are in.
    for (const task of from.tasks.values()) this.mm(task.mm);
    for (const [vma, copy] of this.vmas) this.fillVma(vma, copy);
    const tasks = new Map<number, Task>();
    for (const [who, t] of from.tasks) {
      const files = t.files.map((f) => (f === null ? null : this.file(f)));
      tasks.set(who, new Task(t.who, this.mm(t.mm), files, t.comm, t.parent, new Set(t.close_on_exec)));
    }
    const names = new Map<string, inode>();
    for (const [path, node] of from.names) names.set(path, this.inode(node));
    const pool = Object.assign(new hstate(), from.hstate, { free: from.hstate.free.slice() });
    this.bytes += from.hstate.free.length * 8;
    const shm = new Map<number, shmid_kernel>();
    for (const [id, segment] of from.shm) shm.set(id, this.segment(segment));
    return { tasks, names, shm, hstate: pool };
  }

  private mm(from: mm_struct): mm_struct {
    let copy = this.mms.get(from);
    if (copy !== undefined) return copy;
    const tree = from.mm_mt.copy((vma) => this.emptyVma(vma));
    copy = new mm_struct(this.m, from.id, this.table(from.pgd), tree);
    this.mms.set(from, copy);
    const { machine, id, pgd, mm_mt, cached_vma, cached_pte_table, ...plain } = from;
    Object.assign(copy, plain);
    copy.cached_vma = cached_vma === null ? null : (this.vmas.get(cached_vma) ?? null);
    copy.cached_pte_table = cached_pte_table === null ? null : (this.tables.get(cached_pte_table) ?? null);
    for (const vma of tree) vma.vm_mm = copy;
    return copy;
  }

  private table(from: Table): Table {
    const known = this.tables.get(from);
    if (known !== undefined) return known;
    const copy = new Table(from.id, from.level, from.owner, from.entries);
    this.tables.set(from, copy);
    copy.used = from.used;
    copy.share_count = from.share_count;
    copy.base = from.base;
    this.bytes += TABLE_BYTES + (from.owner === this.m.token ? ENTRIES_BYTES : 0);
    const down = from.down;
    if (down !== null) {
      this.bytes += SLOTS_BYTES;
      for (let i = 0; i < down.length; i++) {
        const lower = down[i]!;
        if (lower !== null) copy.down![i] = this.table(lower);
      }
    }
    return copy;
  }

  private emptyVma(from: vm_area_struct): vm_area_struct {
    const { id, vm_mm, vm_start, vm_end, vm_pgoff, vm_flags } = from;
    const copy = new vm_area_struct(id, vm_mm, vm_start, vm_end, vm_pgoff, vm_flags);
    this.vmas.set(from, copy);
    this.bytes += VMA_BYTES;
    return copy;
  }

  private fillVma(from: vm_area_struct, copy: vm_area_struct): void {
    copy.vm_ops = from.vm_ops;
    copy.pagetable_ops = from.pagetable_ops;
    copy.pagetable_index = from.pagetable_index;
    copy.pages = from.pages;
    copy.vm_file = from.vm_file === null ? null : this.file(from.vm_file);
    copy.anon_vma = from.anon_vma === null ? null : this.anonVma(from.anon_vma);
    for (const av of from.anon_vma_chain) copy.anon_vma_chain.push(this.anonVma(av));
    copy.resv_map = from.resv_map === null ? null : this.resvMap(from.resv_map);
    copy.resv_owner = from.resv_owner;
    copy.resv_unmapped = from.resv_unmapped;
    copy.special_name = from.special_name;
    copy.driver_data = from.driver_data;
    copy.origin = from.origin;
  }

  private anonVma(from: anon_vma): anon_vma {
    let copy = this.anonVmas.get(from);
    if (copy !== undefined) return copy;
    copy = new anon_vma(from.id);
    this.anonVmas.set(from, copy);
    copy.num_children = from.num_children;
    copy.num_active_vmas = from.num_active_vmas;
    copy.degree = from.degree;
    copy.parent = this.anonVma(from.parent);
    copy.root = this.anonVma(from.root);
    return copy;
  }

  private resvMap(from: resv_map): resv_map {
    let copy = this.resvMaps.get(from);
    if (copy !== undefined) return copy;
    copy = new resv_map();
    this.resvMaps.set(from, copy);
    copy.regions = from.regions.map(({ from: start, to }) => ({ from: start, to }));
    copy.refs = from.refs;
    return copy;
  }

  private file(from: file): file {
    let copy = this.files.get(from);
    if (copy !== undefined) return copy;
    copy = new file(from.id, this.inode(from.inode), from.name, from.f_flags, from.driver);
    this.files.set(from, copy);
    copy.f_count = from.f_count;
    return copy;
  }

  private segment(from: shmid_kernel): shmid_kernel {
    const { id, key, shm_segsz, shm_file, charged } = from;
    const copy = new shmid_kernel(id, key, shm_segsz, this.file(shm_file), charged);
    copy.shm_nattch = from.shm_nattch;
    copy.dest = from.dest;
    return copy;
  }

  private inode(from: inode): inode {
    let copy = this.inodes.get(from);
    if (copy !== undefined) return copy;
    const i_mmap = new Set<vm_area_struct>();
    for (const vma of from.i_mapping.i_mmap) {
      const twin = this.vmas.get(vma);
      assert(twin !== undefined, 'a file is mapped by an area that no process has');
      i_mmap.add(twin);
    }
    const i_pages = from.i_mapping.i_pages;
    this.bytes += i_pages.size * 4;
    copy = new inode(from.id, from.kind, new address_space(i_pages.snapshot(), i_mmap), from.page_bytes);
    this.inodes.set(from, copy);
    copy.i_size = from.i_size;
    copy.i_nlink = from.i_nlink;
    copy.refs = from.refs;
    copy.seals = from.seals;
    copy.executable = from.executable;
    copy.on_mount = from.on_mount;
    copy.resv = from.resv === null ? null : this.resvMap(from.resv);
    copy.driver_data = from.driver_data;
    copy.shmid = from.shmid;
    return copy;
  }
}

import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS } from '../../../src/engine/designs/designs';
import { Ev, EVENT_STRIDE, Recorder } from '../../../src/engine/events';
import { _PAGE_RW, pte_pfn } from '../../../src/engine/mm/pgtable';
import { MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, PROT_READ } from '../../../src/engine/uapi';
import { GIANT, HUGE, HugeMachine, PRIVATE, RW, SHARED } from './huge-machine';

describe.each(LINUX_DESIGNS)('huge mappings under %s', (design) => {
  test('a first write takes one fault, a read maps a real page read-only and a later write reuses it', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 2);
    k.write(0, at);
    expect(k.minflt).toBe(1);
    k.read(0, at + HUGE);
    const page = k.entry(0, at + HUGE);
    expect(page & _PAGE_RW).toBe(0);
    k.write(0, at + HUGE);
    expect(k.minflt).toBe(1);
    expect(pte_pfn(k.entry(0, at + HUGE))).toBe(pte_pfn(page));
    expect(k.usage(0)).toBe(4096);
  });

  test('a fault without a page to be had leaves its tables', () => {
    const k = new HugeMachine(0, 0, design);
    const before = k.tables(0);
    const at = k.address(0, 'mmap', [2 ** 40, HUGE, RW, PRIVATE | MAP_NORESERVE | MAP_FIXED, -1, 0]);
    expect(k.write(0, at)).toBe('SIGBUS');
    expect(k.minflt).toBe(0);
    expect(k.tables(0)).toBe(before + 8);
    k.munmap(0, at, 1);
    expect(k.tables(0)).toBe(before);
  });

  test('after a fork a private page is copied by whoever writes first, and kept by the last', () => {
    const k = new HugeMachine(8, 0, design);
    const at = k.map(0, 1);
    k.write(0, at);
    const page = pte_pfn(k.entry(0, at));
    k.fork(0, 1);
    expect(k.usage(1)).toBe(2048);
    expect(k.entry(0, at) & _PAGE_RW).toBe(0);
    k.write(0, at);
    expect(k.counts).toEqual([8, 6, 0, 0]);
    expect(pte_pfn(k.entry(0, at))).not.toBe(page);
    k.write(1, at);
    expect(pte_pfn(k.entry(1, at))).toBe(page);
    expect(k.counts).toEqual([8, 6, 0, 0]);
  });

  test('an owner that copies never uses up what it has reserved elsewhere', () => {
    const k = new HugeMachine(3, 0, design);
    const at = k.map(0, 3);
    k.write(0, at);
    k.fork(0, 1);
    expect(k.write(0, at)).toBe(0);
    expect(k.counts).toEqual([3, 2, 2, 0]);
    expect(k.entry(1, at)).toBe(0);
    expect(k.read(1, at + HUGE)).toBe('SIGBUS');
    expect(k.write(0, at + HUGE, 2)).toBe(0);
  });

  test('a child of a mapping without reservation cannot be robbed, so its parent dies as well', () => {
    const k = new HugeMachine(1, 0, design);
    const at = k.map(0, 1, PRIVATE | MAP_NORESERVE);
    k.write(0, at);
    k.fork(0, 1);
    expect(k.write(0, at)).toBe('SIGBUS');
    expect(k.write(1, at)).toBe('SIGBUS');
    expect(k.read(1, at)).toBe(0);
  });

  test('an owner finds the page of a child that has moved its mapping away', () => {
    const k = new HugeMachine(1, 0, design);
    const at = k.map(0, 1);
    k.write(0, at);
    k.fork(0, 1);
    k.address(1, 'mremap', [at, HUGE, HUGE, 3, 2 ** 40]);
    expect(k.write(0, at)).toBe(0);
    expect(k.entry(1, 2 ** 40)).toBe(0);
    expect(k.read(1, 2 ** 40)).toBe('SIGBUS');
  });

  test('entries of shared mappings are not copied at fork: the child finds the pages in the file', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 2, SHARED);
    k.write(0, at);
    k.fork(0, 1);
    expect(k.entry(1, at)).toBe(0);
    k.read(1, at);
    expect(pte_pfn(k.entry(1, at))).toBe(pte_pfn(k.entry(0, at)));
    expect(k.counts).toEqual([4, 3, 1, 0]);
  });

  test('a private mapping of a file shows its pages until it writes, and then pays with its reservation', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const shared = k.mapFile(0, fd, 1);
    k.write(0, shared);
    const own = k.mapFile(0, fd, 1, MAP_PRIVATE);
    expect(k.counts).toEqual([4, 3, 1, 0]);
    k.read(0, own);
    expect(pte_pfn(k.entry(0, own))).toBe(pte_pfn(k.entry(0, shared)));
    expect(k.counts).toEqual([4, 3, 1, 0]);
    k.write(0, own);
    expect(pte_pfn(k.entry(0, own))).not.toBe(pte_pfn(k.entry(0, shared)));
    expect(k.counts).toEqual([4, 2, 0, 0]);
  });

  test('a touch beyond the file is a bus error; a writable mapping makes the file longer, a read-only one does not', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const seen = k.mapFile(0, fd, 1, MAP_SHARED, PROT_READ);
    expect(k.read(0, seen)).toBe('SIGBUS');
    k.mapFile(0, fd, 2);
    expect(k.read(0, seen)).toBe(0);
  });

  test('an area is cut between huge pages only, and its halves never merge again', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 2);
    expect(k.do(0, 'munmap', [at, 4096])).toBe('EINVAL');
    expect(k.do(0, 'mprotect', [at, 4096, PROT_READ])).toBe('EINVAL');
    k.do(0, 'mprotect', [at, HUGE, PROT_READ]);
    k.do(0, 'mprotect', [at, HUGE, RW]);
    expect(k.area(0, at)).not.toBe(k.area(0, at + HUGE));
    k.munmap(0, at, 2);
    expect(k.counts).toEqual([4, 4, 0, 0]);
  });

  test('a private page that was read-only for a while faults once more, a shared one does not', () => {
    const k = new HugeMachine(4, 0, design);
    for (const [flags, faults] of [
      [PRIVATE, 1],
      [SHARED, 0],
    ] as const) {
      const at = k.map(0, 1, flags);
      k.write(0, at);
      k.do(0, 'mprotect', [at, HUGE, PROT_READ]);
      expect(k.write(0, at)).toBe('SIGSEGV');
      k.do(0, 'mprotect', [at, HUGE, RW]);
      k.write(0, at);
      expect(k.minflt).toBe(faults);
    }
  });

  test('mlock brings huge pages in without locking the area, and fails where there are none', () => {
    const k = new HugeMachine(2, 0, design);
    const at = k.map(0, 2);
    expect(k.do(0, 'mlock', [at, 2 * HUGE])).toBe(0);
    expect(k.counts).toEqual([2, 0, 0, 0]);
    expect(k.m.tasks.get(0)!.mm.locked_vm).toBe(0);
    const none = k.map(0, 1, PRIVATE | MAP_NORESERVE);
    expect(k.do(0, 'mlock', [none, HUGE])).toBe('ENOMEM');
    expect(k.do(0, 'madvise', [none, HUGE, 23])).toBe('EFAULT');
  });

  test('moving a whole mapping keeps its reservations; moving part of it loses those of the rest for good', () => {
    const k = new HugeMachine(8, 0, design);
    const at = k.map(0, 4);
    k.write(0, at);
    const moved = k.address(0, 'mremap', [at, 4 * HUGE, 4 * HUGE, 3, 2 ** 41]);
    expect(k.counts).toEqual([8, 7, 3, 0]);
    expect(k.m.hstate.lost).toBe(0);
    const rec = new Recorder();
    k.m.rec = rec;
    k.address(0, 'mremap', [moved, 2 * HUGE, 2 * HUGE, 3, 2 ** 42]);
    k.m.rec = null;
    const wanted: number = Ev.ReserveLost;
    const pages: number[] = [];
    for (let i = 0; i < rec.count * EVENT_STRIDE; i += EVENT_STRIDE)
      if (rec.buffer[i] === wanted) pages.push(rec.buffer[i + 2]!);
    expect(pages).toEqual([2]);
    expect(k.m.hstate.lost).toBe(2);
    k.munmap(0, moved, 4);
    k.munmap(0, 2 ** 42, 2);
    expect(k.counts).toEqual([8, 8, 2, 0]);
  });

  test('growing a huge mapping is refused, shrinking rounds to whole pages', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 2);
    expect(k.do(0, 'mremap', [at, 2 * HUGE, 3 * HUGE, 1, 0])).toBe('EINVAL');
    expect(k.do(0, 'mremap', [at + 4096, HUGE, HUGE, 1, 0])).toBe('EINVAL');
    expect(k.do(0, 'mremap', [at, 2 * HUGE, 4096, 0, 0])).toBe(at);
    expect(k.area(0, at).vm_end).toBe(at + HUGE);
  });

  test('processes that map a whole gigabyte of a file alike share its table until one of them changes', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const at = 2 ** 40;
    const flags = MAP_SHARED | MAP_NORESERVE | MAP_FIXED;
    k.address(0, 'mmap', [at, GIANT, RW, flags, fd, 0]);
    k.write(0, at, 2);
    k.fork(0, 1);
    const before = k.tables(1);
    k.read(1, at + HUGE);
    expect(k.tables(1)).toBe(before + 8);
    expect(k.entry(1, at)).toBe(k.entry(0, at));
    k.write(1, at + 2 * HUGE);
    expect(k.entry(0, at + 2 * HUGE)).not.toBe(0);
    expect(k.usage(0)).toBe(4096);
    k.do(1, 'mprotect', [at, GIANT, PROT_READ]);
    expect(k.entry(1, at)).toBe(0);
    expect(k.tables(1)).toBe(before + 4);
    expect(k.entry(0, at)).not.toBe(0);
    k.munmap(0, at, 512);
    expect(k.counts).toEqual([4, 1, 0, 0]);
  });

  test('of the tables that could be shared, a forked process takes that of the eldest line', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const flags = MAP_SHARED | MAP_NORESERVE | MAP_FIXED;
    const [a, b] = [2 ** 40, 2 ** 41];
    k.address(0, 'mmap', [a, GIANT, RW, flags, fd, 0]);
    k.address(0, 'mmap', [b, GIANT, PROT_READ, flags, fd, 0]);
    k.read(0, a);
    k.read(0, b + HUGE);
    k.do(0, 'mprotect', [b, GIANT, RW]);
    k.fork(0, 1);
    k.read(1, b + 2 * HUGE);
    expect(k.entry(1, b)).toBe(k.entry(0, a));
    expect(k.entry(1, b + HUGE)).toBe(0);
    k.munmap(0, a, 1);
    k.fork(0, 2);
    k.read(2, b + 2 * HUGE);
    expect(k.entry(2, b + HUGE)).toBe(k.entry(0, b + HUGE));
  });
});

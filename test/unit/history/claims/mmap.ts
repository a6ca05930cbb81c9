/** What is said of mmap. */
import { address, agrees, BLOCK, isErrno, isHuge, MAP, number, PAGE, size, spelledOut, type Told } from './common';
import type { Facts } from './facts';
import { claim } from './judge';

const flagsOf = (f: Facts): number => f.arg(3);
const has = (f: Facts, flag: number): boolean => (flagsOf(f) & flag) !== 0;
const fixed = (f: Facts): boolean => has(f, MAP.FIXED) || has(f, MAP.NOREPLACE);
const end = (f: Facts): number => f.out.ret + f.arg(1);

/** Length and alignment of the room that a mapping of this kind needs. */
const unit = (f: Facts): number => (isHuge(f, f.out.ret) ? BLOCK : PAGE);

/** As `unmapped_area_topdown` looks: a gap below an area that grows down counts from its guard gap on, and so does all below. */
function highestGap(f: Facts, align: number): boolean {
  const length = Math.ceil(f.arg(1) / align) * align;
  const room = length + align - PAGE;
  let high = f.was.mm!.mmap_base;
  for (;;) {
    const gap = f.was.gaps(high).find(({ start, end: top }) => top - start >= room);
    if (gap === undefined) return false;
    const above = f.was.areas(gap.end).find((vma) => vma.vm_end > gap.end);
    const guard = above === undefined || (above.vm_flags & 0x100) === 0 ? Infinity : above.vm_start - 256 * PAGE;
    if (guard >= gap.end)
      return gap.start <= f.out.ret && f.out.ret + length <= gap.end && gap.end - f.out.ret - length < align;
    high = guard;
  }
}

const whyThere: Readonly<Record<string, (f: Facts) => boolean>> = {
  '': () => true,
  ', exactly where it was asked for': (f) => fixed(f) && f.out.ret === f.arg(0),
  ', where it was asked for': (f) => !fixed(f) && f.arg(0) !== 0 && Math.abs(f.out.ret - f.arg(0)) < unit(f),
  ', because the address asked for is taken': (f) => {
    const at = Math.floor(f.arg(0) / PAGE) * PAGE;
    return !fixed(f) && f.arg(0) !== 0 && f.out.ret !== at && f.was.areas(at, at + f.arg(1) + 257 * PAGE).length > 0;
  },
  ', aligned so that huge pages of 2 MiB can come in': (f) =>
    (f.out.ret - (has(f, MAP.ANONYMOUS) ? 0 : f.arg(5))) % BLOCK === 0 && f.arg(1) >= BLOCK && !isHuge(f, f.out.ret),
  ', the highest gap with room at a multiple of 2 MiB': (f) =>
    isHuge(f, f.out.ret) && f.out.ret % BLOCK === 0 && highestGap(f, BLOCK),
  ', the highest gap that is large enough': (f) => highestGap(f, PAGE),
};

const mapped: readonly Told[] = [
  spelledOut(
    'a mapping is made',
    /(\d+[KMGTP]?) of (anonymous memory in huge pages|anonymous memory|a file of huge pages|a file) (join ‹(\d+):([^›]*)›|join anonymous memory|are mapped|become ‹(\d+):([^›]*)›) at 0x([0-9a-f]+) \((....)\)([^.]*)\./,
    (f, bytes, what, how, joinId, _joined, becomeId, _name, at, perms, why) => {
      const anonymous = has(f, MAP.ANONYMOUS);
      const kind = `${anonymous ? 'anonymous memory' : 'a file'}${isHuge(f, f.out.ret) ? (anonymous ? ' in huge pages' : ' of huge pages') : ''}`;
      const vma = f.now.area(f.out.ret)!;
      const wider = vma.vm_start < f.out.ret || vma.vm_end > Math.ceil(end(f) / unit(f)) * unit(f);
      return (
        size(bytes) === Math.ceil(f.arg(1) / PAGE) * PAGE &&
        kind === what &&
        how!.startsWith('join') === wider &&
        (joinId === undefined || f.was.byId(number(joinId)) !== null) &&
        (becomeId === undefined || number(becomeId) === vma.id) &&
        address(at) === f.out.ret &&
        perms === f.now.perms(f.out.ret) &&
        whyThere[why!] !== undefined &&
        whyThere[why!]!(f)
      );
    },
  ),
  claim(
    'The neighbour has the same flags and the same backing, so the area there only grows: no new vm_area_struct.',
    (f) => has(f, MAP.FIXED) || (f.was.byId(f.now.area(f.out.ret)!.id) !== null && f.now.count <= f.was.count),
  ),
  claim('What was mapped there before is unmapped first.', (f) => {
    return has(f, MAP.FIXED) && f.was.areas(f.out.ret, end(f)).length > 0;
  }),
  spelledOut(
    'pages are promised and none is taken',
    /(\d+) (pages?) of the pool (is|are) promised to it and none is taken yet: (HugePages_Rsvd rises from -?\d+ to -?\d+)(?:, (\d+) of them borrowed beyond the fixed size)?\./,
    (f, n, page, are, moved, borrowed) =>
      number(n) === f.rise('Rsvd') &&
      agrees(number(n), page === 'page') &&
      agrees(number(n), are === 'is') &&
      moved === `HugePages_Rsvd rises from ${f.was.pool('Rsvd')} to ${f.now.pool('Rsvd')}` &&
      f.now.taken <= f.was.taken &&
      (borrowed === undefined ? f.rise('Surp') <= 0 : number(borrowed) === f.rise('Surp')),
  ),
  claim(
    'With MAP_NORESERVE nothing is promised: a fault may find the pool empty.',
    (f) => has(f, MAP.NORESERVE) && f.rise('Rsvd') <= 0,
  ),
  spelledOut(
    'promised in the place of others',
    /(\d+) (pages?) of the pool (is|are) promised to it, as what was mapped there gives its own back\./,
    (f, n, page, are) =>
      has(f, MAP.FIXED) &&
      number(n) === Math.ceil(f.arg(1) / BLOCK) &&
      agrees(number(n), page === 'page') &&
      agrees(number(n), are === 'is') &&
      f.was.areas(...f.range).some((vma) => isHuge(f, vma.vm_start, true)),
  ),
  claim(
    "The file's pages were promised before; nothing more is set aside.",
    (f) => !has(f, MAP.ANONYMOUS) && f.rise('Rsvd') <= 0,
  ),
  claim(
    'No page is there yet; the first touch of each will bring it in.',
    (f) => f.now.present(f.out.ret, end(f)) === 0,
  ),
  claim(
    'N (huge page|huge pages|page|pages) (is|are) brought in at once{ because of (MAP_POPULATE|VM_LOCKED)}.',
    (f, n, what, are, why) => {
      const leaves = f.now.leaves(f.out.ret, end(f));
      const huge = leaves.filter((leaf) => leaf.bytes > PAGE);
      const told = what!.startsWith('huge') ? huge.length : huge.length === 0 ? leaves.length : NaN;
      const because =
        why === undefined || (why === 'MAP_POPULATE' ? has(f, MAP.POPULATE) : f.now.flags(f.out.ret).includes('lo'));
      return told === number(n) && agrees(told, !what!.endsWith('s')) && agrees(told, are === 'is') && because;
    },
  ),
];

const rightsOf = (f: Facts): number => f.scene.was.tasks.get(f.who)?.files[f.arg(4)]?.f_flags ?? 0;

/** Why an mmap may be refused, and whether that is so. */
const REFUSED: Readonly<Record<string, (f: Facts, errno: string) => boolean>> = {
  'no gap in the address space is large enough': (f, errno) =>
    errno === 'ENOMEM' && !f.was.gaps(f.userEnd).some((gap) => gap.end - gap.start >= f.arg(1)),
  'the length is too large once rounded up': (f) => f.arg(1) > f.userEnd,
  'there is no room for it: address space, a limit, or memory that may be promised': (_f, errno) => errno === 'ENOMEM',
  'the mount of the file may not have so many pages more, promised ones included': (f) => {
    const { config, hstate } = f.scene.was;
    return (
      f.fileKind(f.arg(4)) === 'hugetlb' &&
      hstate.used_hpages + Math.ceil(f.arg(1) / BLOCK) > config.hugetlbfs_size / BLOCK
    );
  },
  'a mapping of no length makes no sense': (f) => f.arg(1) === 0,
  'it must be either private or shared': (f) => (flagsOf(f) & MAP.TYPE) === 0,
  'the offset is no multiple of the page size': (f) => f.arg(5) % PAGE !== 0,
  'the device can only be mapped privately': (f) => f.fileKind(f.arg(4)) === 'device' && (flagsOf(f) & 3) !== 2,
  'the device has no offsets': (f) => f.fileKind(f.arg(4)) === 'device' && f.arg(5) !== 0,
  'the device maps whole pages of 2 MiB only': (f) => f.fileKind(f.arg(4)) === 'device' && f.arg(1) % BLOCK !== 0,
  'a fixed address must be a multiple of 2 MiB': (f) => fixed(f) && has(f, MAP.HUGETLB) && f.arg(0) % BLOCK !== 0,
  'a fixed address must be a multiple of the page size': (f) => fixed(f) && f.arg(0) % PAGE !== 0,
  'the arguments do not fit together': (_f, errno) => errno === 'EINVAL',
  'something is mapped there, and MAP_FIXED_NOREPLACE must not replace it': (f) =>
    has(f, MAP.NOREPLACE) && f.was.areas(...f.range).length > 0,
  'there is no such open file': (f) => f.scene.was.tasks.get(f.who)?.files[f.arg(4)] === undefined,
  'the file is not open for writing': (f) => (f.arg(2) & 2) !== 0 && has(f, MAP.SHARED) && (rightsOf(f) & 3) === 0,
  'the file is not open for this': (f) => (rightsOf(f) & 3) === 1 && (f.arg(2) & 2) === 0,
  'it is not permitted': (_f, errno) => errno === 'EPERM',
  "the core's fixed table has no entry for this driver": (f) => f.scene.now.design.name === 'table',
  'under this design the core knows one special kind of mapping, and this driver is not it': (f) =>
    f.scene.now.design.name === 'flag',
  'what is behind the file cannot be mapped': (f) => !has(f, MAP.ANONYMOUS),
  'the kernel does not allow it': () => true,
};

const refused: readonly Told[] = [
  spelledOut(
    'mmap is refused',
    /mmap is refused with ([A-Z]+): (?!it asks|it is more|the process has)([^.]+)\. Nothing is mapped\./,
    (f, errno, why) =>
      isErrno(f, errno) &&
      f.now.status('VmSize') <= f.was.status('VmSize') &&
      REFUSED[why!] !== undefined &&
      REFUSED[why!]!(f, errno!),
  ),
  claim(
    'mmap is refused with ERRNO: it is more than the whole memory of SIZE, and could never be given. Nothing is mapped. MAP_NORESERVE would ask for no such promise.',
    (f, errno, whole) =>
      isErrno(f, errno) &&
      size(whole) === f.scene.was.frames.total * PAGE &&
      f.arg(1) > size(whole) &&
      !has(f, MAP.NORESERVE) &&
      f.sameMaps,
  ),
  claim(
    'mmap is refused with ERRNO: it asks for N huge (page|pages), and the pool has (none|only N) that (is|are) free and promised to nobody.',
    (f, errno, n, page, spare, _n, are) => {
      const left = f.was.pool('Free') - f.was.pool('Rsvd');
      const asked = Math.ceil(f.arg(1) / BLOCK);
      return (
        isErrno(f, errno) &&
        number(n) === asked &&
        agrees(asked, page === 'page') &&
        spare === (left === 0 ? 'none' : `only ${left}`) &&
        agrees(left, are === 'is')
      );
    },
  ),
  claim(
    'The refusal comes here, where a program can handle it, and not as a signal at a later touch.',
    (f) => f.out.err !== 0 && f.out.sig === 0,
  ),
  claim(
    'What was mapped there, (AREA|unmapped memory), is gone all the same: MAP_FIXED takes it away first.',
    (f, _what, id) =>
      has(f, MAP.FIXED) &&
      f.was.areas(...f.range).some((vma) => vma.id === number(id)) &&
      f.now.areas(...f.range).length === 0,
  ),
  claim(
    'mmap is refused with ERRNO: the process has N areas, as many as max_map_count allows.',
    (f, errno, n) => isErrno(f, errno) && number(n) === f.was.count && number(n) >= f.scene.was.config.max_map_count,
  ),
];

export const mmap: readonly Told[] = [...mapped, ...refused];

/** What is known of each design: who, when, for, against, and what became of it. Plain data, in our own words. */
import type { DesignName } from './designs';

/** The design of a scenario that names none. */
export const DEFAULT_DESIGN: DesignName = 'ops';
/** The two ways out that were argued for in 2007: what the page holds side by side. */
export const ARGUED: readonly DesignName[] = ['ops', 'flag'];

export interface Entry {
  readonly design: DesignName;
  readonly title: string;
  readonly who: string;
  readonly when: string;
  /** How the core finds out, in a sentence. */
  readonly how: string;
  readonly pro: string;
  readonly contra: string;
  /** What became of it. */
  readonly since: string;
  /** Drivers that may stand behind a mapping under it. */
  readonly drivers: 'any' | 'hints' | 'none';
  /** Subject of the mail or series, and its list. */
  readonly source: string;
}

export const CATALOGUE: readonly Entry[] = [
  {
    design: 'ops',
    title: 'A pointer on each area',
    who: 'Adam Litke',
    when: 'February and March 2007',
    how: 'Each area points to a constant table of six page-table handlers; NULL, or a missing member, means the generic way.',
    pro: 'All hooks stand together, several kinds of huge mapping fit side by side, and ordinary memory pays only for a test.',
    contra:
      'There was one user; each area grows by a pointer; the special case stays at every site; and whoever fills in a table runs the page tables.',
    since: 'Not merged. A table of its own for page-table handlers never came back.',
    drivers: 'any',
    source: '“[PATCH 0/7] [RFC] hugetlb: pagetable_operations API”, linux-mm, 19 February and 19 March 2007',
  },
  {
    design: 'flag',
    title: 'One flag, one special case',
    who: 'Christoph Hellwig',
    when: 'March 2007; in Linux before and since',
    how: 'A bit of vm_flags says that an area is huge; each site tests it and calls the hugetlb routine by its name.',
    pro: 'It is plain that there is exactly one special case; it can be found by searching for a word; calls are direct.',
    contra:
      'A bit cannot tell two huge kinds apart, so each new kind adds an “and”; the tests are strewn over the whole of mm.',
    since:
      'Still how fault, fork, protection and unmapping find hugetlb in 6.18. MAP_HUGETLB (2.6.32) is nearly the flag that the mail asks for.',
    drivers: 'none',
    source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
  },
  {
    design: 'anon-flag',
    title: 'The flag of the mail',
    who: 'Christoph Hellwig',
    when: '22 March 2007',
    how: 'A bit of vm_flags means hugetlb backed anonymous memory: no file, no inode, no name; each site tests it and calls the hugetlb routine by its name.',
    pro: 'Nothing stands behind the memory but the pool; there is one special case, and no carte blanche for drivers.',
    contra:
      'It is private and nameless: what is shared, what has a file and what a device maps cannot be said with it.',
    since:
      'Never written. In 2.6.20 every huge mapping has a hugetlbfs inode; MAP_HUGETLB (2.6.32) looks like it from outside, and still makes a hidden file.',
    drivers: 'none',
    source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
  },
  {
    design: 'ops-always',
    title: 'A pointer that is never NULL',
    who: 'Arjan van de Ven, William Lee Irwin',
    when: 'February and March 2007',
    how: 'Ordinary areas have a table, too, whose members are the generic routines; nothing is tested, everything is called through it.',
    pro: 'No special case is left to see at any site: one way of calling for all memory.',
    contra: 'Every ordinary fault pays for an indirect call.',
    since: 'Never written.',
    drivers: 'any',
    source: 'replies to both versions of the series, linux-mm, 19 February and 20–21 March 2007',
  },
  {
    design: 'vm_ops',
    title: 'Members of the table there is',
    who: 'Christoph Hellwig, Nick Piggin',
    when: 'February and March 2007',
    how: 'The six handlers become members of vm_operations_struct, to which every mapping of a file points anyway.',
    pro: 'No area grows, and no second vector stands beside the first.',
    contra:
      'Every table grows for one user, drivers see the hooks and are tempted, and the name fault was promised to another.',
    since:
      'What happened, slowly: huge_fault (4.3), split (4.15) and pagesize (4.17) each became a member when a second user came.',
    drivers: 'any',
    source: 'replies to both versions of the series, linux-mm, 19 February and 21 March 2007',
  },
  {
    design: 'table',
    title: 'A number into a fixed table',
    who: 'Mel Gorman',
    when: '23 March 2007',
    how: 'The area holds a small number; the core has the table that it indexes: ordinary, hugetlbfs, the character device.',
    pro: 'Several kinds can be told apart, and nobody outside the core can add one.',
    contra: 'Look-up and call are still indirect, and each new kind changes the core.',
    since: 'Shelved by its author once a device on top of hugetlbfs had been shown. No descendants.',
    drivers: 'none',
    source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 23 March 2007',
  },
  {
    design: 'file',
    title: 'A file behind the device',
    who: 'Ken Chen',
    when: '23 March 2007',
    how: 'The core keeps its flag. The device makes a nameless hugetlbfs file as long as the mapping and puts it in its own place.',
    pro: 'Nothing in the core changes.',
    contra:
      'The file that is mapped is not the one that was opened; an interface is stacked on an interface; and it can do only what hugetlbfs can.',
    since: 'Not merged; but MAP_HUGETLB works just so, with a nameless file on an internal mount.',
    drivers: 'none',
    source: '“rfc: introduce /dev/hugetlb”, linux-mm, 23 March 2007',
  },
  {
    design: 'core',
    title: 'No special case',
    who: 'Christoph Hellwig',
    when: '22 March 2007',
    how: 'The generic walks understand leaves of every size; a file or driver may say which sizes it wants.',
    pro: 'The cleanest, if it can be had: there is nothing to find out.',
    contra:
      'Refused for the core the year before; and machines whose page sizes cannot share a range of addresses stand in the way.',
    since: 'Transparent huge pages (2.6.38) and several sizes of them (6.8): in the core after all.',
    drivers: 'hints',
    source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
  },
  {
    design: 'mainline',
    title: 'What became of it',
    who: 'many, one second user at a time',
    when: 'Linux 6.18, 2025',
    how: 'The flag at the hot sites; generic code where it has learnt to see large leaves; members of vm_ops where a second user came.',
    pro: 'Each hook was added when somebody needed it, and is called where its user can do no harm.',
    contra: 'No one rule tells which site is asked how; some sixty lines still name the flag.',
    since: 'This is the kernel that the machine’s answers are checked against.',
    drivers: 'hints',
    source: 'Linux 6.18',
  },
];

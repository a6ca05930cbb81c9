/** The operations that a form can write: their fields, sensible values from what is selected, and the line that they make. */
import { hex, sizeText } from '../base/units';
import { OPERATION_HEADS, type OperationHead } from './operation-heads';

/** What is selected, as an operation can name it. */
export interface Target {
  /** `a`, `a + 2M`, `0x555555554000`. */
  readonly address: string;
  /** Bytes. */
  readonly length: number;
  readonly pageSize: number;
  /** Process that it belongs to. */
  readonly process: string;
}

/** What the forms know of the moment. */
export interface FormContext {
  readonly target: Target | null;
  /** Names of the processes as the scenario calls them; the first is ''. */
  readonly processes: readonly string[];
  /** The one that is looked at. */
  readonly process: string;
  /** Names that the text uses already. */
  readonly taken: ReadonlySet<string>;
  /** nr_hugepages and nr_overcommit_hugepages. */
  readonly pool: { readonly total: number; readonly overcommit: number };
  /** `MAP_HUGETLB` means something: the rules are today's. */
  readonly mapHugetlb: boolean;
}

export type Values = Readonly<Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'choice' | 'flags';
  /** For `choice` one of them, for `flags` some of them joined with `|`. */
  readonly options?: readonly string[];
  readonly hint?: string;
  readonly start: (context: FormContext) => string;
  /** Shown only where this holds. */
  readonly when?: (values: Values, context: FormContext) => boolean;
}

export interface OperationForm extends OperationHead {
  /** Offered by the menu of an area. */
  readonly onArea: boolean;
  readonly fields: readonly Field[];
  readonly line: (values: Values) => string;
}

/** The first of a, b, c … that the scenario does not use. */
export function freeName(taken: ReadonlySet<string>, wanted = ''): string {
  if (wanted && !taken.has(wanted)) return wanted;
  const stems = wanted ? [wanted] : [...'abcdefghijklmnopqrstuvwxyz'];
  for (const stem of stems) if (!taken.has(stem)) return stem;
  for (let i = 2; ; i++) if (!taken.has(`${stems[0]}${i}`)) return `${stems[0]}${i}`;
}

/** Every name that a text gives or uses. */
export const namesIn = (text: string): ReadonlySet<string> => new Set(text.match(/\b[a-z_]\w*\b/g) ?? []);

const address: Field = {
  name: 'address',
  label: 'address',
  kind: 'text',
  hint: 'a name, a + 2M, or 0x…',
  start: ({ target }) => target?.address ?? 'a',
};
const length: Field = {
  name: 'length',
  label: 'length',
  kind: 'text',
  hint: '64K, 2M, 1G',
  start: ({ target }) => (target ? sizeText(target.length) : '2M'),
};
const segment: Field = {
  name: 'segment',
  label: 'segment',
  kind: 'text',
  hint: 'a name that shmget gave, or a number',
  start: () => 's',
};
const process: Field = { name: 'process', label: 'process', kind: 'choice', start: (context) => context.process };

const head = (name: string): OperationHead => OPERATION_HEADS.find((one) => one.name === name)!;

const PROT = ['PROT_READ', 'PROT_WRITE', 'PROT_EXEC'] as const;
const by = (values: Values, call: string) => `${values.process ? `${values.process}: ` : ''}${call}`;
const named = (values: Values, call: string) => by(values, values.result ? `${values.result} = ${call}` : call);
const orNone = (flags: string | undefined, none: string) => (flags ? flags : none);

const result = (wanted = ''): Field => ({
  name: 'result',
  label: 'call it',
  kind: 'text',
  start: ({ taken }) => freeName(taken, wanted),
});

const touch = (name: 'read' | 'write'): OperationForm => ({
  ...head(name),
  onArea: true,
  fields: [
    process,
    address,
    { name: 'count', label: 'pages', kind: 'text', hint: 'how many, one byte in each', start: () => '1' },
    {
      name: 'stride',
      label: 'one every',
      kind: 'text',
      start: ({ target }) => sizeText(target?.pageSize ?? 4096),
      when: (values) => values.count !== '1',
    },
  ],
  line({ address: at, count, stride, process: who }) {
    const rest = count === '1' ? '' : `, ${count}${stride === '4K' ? '' : `, ${stride}`}`;
    return by({ process: who }, `${name}(${at}${rest})`);
  },
});

export const FORMS: readonly OperationForm[] = [
  {
    ...head('mmap'),
    onArea: false,
    fields: [
      process,
      result(),
      { ...length, start: () => '8M' },
      {
        name: 'pages',
        label: 'pages',
        kind: 'choice',
        options: ['4 KiB', '2 MiB from the pool'],
        start: () => '4 KiB',
        // In 2007 the bit meant nothing: huge pages came from a file, a segment or the device.
        when: (_values, context) => context.mapHugetlb,
      },
      { name: 'prot', label: 'access', kind: 'flags', options: PROT, start: () => 'PROT_READ|PROT_WRITE' },
      {
        name: 'sharing',
        label: 'sharing',
        kind: 'choice',
        options: ['MAP_PRIVATE', 'MAP_SHARED'],
        start: () => 'MAP_PRIVATE',
      },
      {
        name: 'more',
        label: 'and',
        kind: 'flags',
        options: ['MAP_POPULATE', 'MAP_NORESERVE', 'MAP_LOCKED'],
        start: () => '',
      },
      {
        name: 'where',
        label: 'where',
        kind: 'choice',
        options: ['anywhere', 'about here', 'exactly here'],
        start: () => 'anywhere',
      },
      { ...address, when: (values) => values.where !== 'anywhere' },
      {
        name: 'fd',
        label: 'of file',
        kind: 'text',
        hint: 'empty: no file; or a name that open gave',
        start: () => '',
      },
    ],
    line(values) {
      const flags = [
        values.sharing,
        values.fd ? '' : 'MAP_ANONYMOUS',
        values.where === 'exactly here' ? 'MAP_FIXED' : '',
        values.pages === '4 KiB' ? '' : 'MAP_HUGETLB',
        values.more,
      ];
      const at = values.where === 'anywhere' ? 'NULL' : values.address;
      const call = [
        at,
        values.length,
        orNone(values.prot, 'PROT_NONE'),
        flags.filter(Boolean).join('|'),
        values.fd || '-1',
        '0',
      ];
      return named(values, `mmap(${call.join(', ')})`);
    },
  },
  touch('read'),
  touch('write'),
  {
    ...head('munmap'),
    onArea: true,
    fields: [process, address, length],
    line: (values) => by(values, `munmap(${values.address}, ${values.length})`),
  },
  {
    ...head('mprotect'),
    onArea: true,
    fields: [
      process,
      address,
      length,
      { name: 'prot', label: 'access', kind: 'flags', options: PROT, start: () => 'PROT_READ' },
    ],
    line: (values) => by(values, `mprotect(${values.address}, ${values.length}, ${orNone(values.prot, 'PROT_NONE')})`),
  },
  {
    ...head('mremap'),
    onArea: true,
    fields: [
      process,
      result(),
      { ...address, name: 'address', label: 'from' },
      { ...length, name: 'length', label: 'old length' },
      {
        name: 'to',
        label: 'new length',
        kind: 'text',
        start: ({ target }) => (target ? sizeText(target.length * 2) : '4M'),
      },
      {
        name: 'flags',
        label: 'flags',
        kind: 'flags',
        options: ['MREMAP_MAYMOVE', 'MREMAP_FIXED', 'MREMAP_DONTUNMAP'],
        start: () => 'MREMAP_MAYMOVE',
      },
      {
        name: 'at',
        label: 'new address',
        kind: 'text',
        start: ({ target }) => target?.address ?? 'a',
        when: (values) => (values.flags ?? '').includes('FIXED'),
      },
    ],
    line(values) {
      const call = [values.address, values.length, values.to, orNone(values.flags, '0')];
      if ((values.flags ?? '').includes('FIXED')) call.push(values.at);
      return named(values, `mremap(${call.join(', ')})`);
    },
  },
  {
    ...head('madvise'),
    onArea: true,
    fields: [
      process,
      address,
      length,
      {
        name: 'advice',
        label: 'advice',
        kind: 'choice',
        options: [
          'MADV_DONTNEED',
          'MADV_HUGEPAGE',
          'MADV_NOHUGEPAGE',
          'MADV_FREE',
          'MADV_POPULATE_READ',
          'MADV_POPULATE_WRITE',
          'MADV_REMOVE',
          'MADV_DONTFORK',
          'MADV_DOFORK',
          'MADV_WIPEONFORK',
          'MADV_SEQUENTIAL',
          'MADV_RANDOM',
        ],
        start: () => 'MADV_DONTNEED',
      },
    ],
    line: (values) => by(values, `madvise(${values.address}, ${values.length}, ${values.advice})`),
  },
  {
    ...head('fork'),
    onArea: false,
    fields: [process, { ...result('child'), label: 'call it' }],
    line: (values) => named(values, 'fork()'),
  },
  {
    ...head('exit'),
    onArea: false,
    fields: [process],
    line: (values) => by(values, 'exit()'),
  },
  {
    ...head('pool'),
    onArea: false,
    fields: [
      { name: 'pages', label: 'nr_hugepages', kind: 'text', start: ({ pool }) => String(pool.total || 8) },
      { name: 'overcommit', label: 'overcommit', kind: 'text', start: ({ pool }) => String(pool.overcommit) },
    ],
    line: (values) =>
      Number(values.overcommit) ? `pool(${values.pages}, ${values.overcommit})` : `pool(${values.pages})`,
  },
  {
    ...head('mlock'),
    onArea: true,
    fields: [process, address, length],
    line: (values) => by(values, `mlock(${values.address}, ${values.length})`),
  },
  {
    ...head('munlock'),
    onArea: true,
    fields: [process, address, length],
    line: (values) => by(values, `munlock(${values.address}, ${values.length})`),
  },
  {
    ...head('open'),
    onArea: false,
    fields: [
      process,
      result('fd'),
      { name: 'path', label: 'path', kind: 'text', start: () => '/dev/page-huge' },
      { name: 'flags', label: 'flags', kind: 'choice', options: ['O_RDWR', 'O_RDONLY'], start: () => 'O_RDWR' },
    ],
    line: (values) => named(values, `open("${values.path}", ${values.flags})`),
  },
  {
    ...head('memfd_create'),
    onArea: false,
    fields: [
      process,
      result('fd'),
      { name: 'file', label: 'name', kind: 'text', start: () => 'm' },
      {
        name: 'pages',
        label: 'pages',
        kind: 'choice',
        options: ['4 KiB', '2 MiB from the pool'],
        start: () => '4 KiB',
      },
    ],
    line: (values) =>
      named(values, `memfd_create("${values.file}", ${values.pages === '4 KiB' ? '0' : 'MFD_HUGETLB'})`),
  },
  {
    ...head('shmget'),
    onArea: false,
    fields: [
      process,
      result('s'),
      { ...length, start: () => '4M' },
      {
        name: 'pages',
        label: 'pages',
        kind: 'choice',
        options: ['4 KiB', '2 MiB from the pool'],
        start: () => '2 MiB from the pool',
      },
      {
        name: 'key',
        label: 'key',
        kind: 'text',
        hint: 'IPC_PRIVATE, or a number that others know',
        start: () => 'IPC_PRIVATE',
      },
    ],
    line: (values) =>
      named(
        values,
        `shmget(${values.key || 'IPC_PRIVATE'}, ${values.length}, ${values.pages === '4 KiB' ? '' : 'SHM_HUGETLB|'}IPC_CREAT|0600)`,
      ),
  },
  {
    ...head('shmat'),
    onArea: false,
    fields: [
      process,
      result(),
      segment,
      {
        name: 'access',
        label: 'access',
        kind: 'choice',
        options: ['read and write', 'read only'],
        start: () => 'read and write',
      },
    ],
    line: (values) =>
      named(values, `shmat(${values.segment}${values.access === 'read only' ? ', NULL, SHM_RDONLY' : ''})`),
  },
  {
    ...head('shmdt'),
    onArea: true,
    fields: [process, address],
    line: (values) => by(values, `shmdt(${values.address})`),
  },
  {
    ...head('shmctl'),
    onArea: false,
    fields: [process, segment],
    line: (values) => by(values, `shmctl(${values.segment}, IPC_RMID)`),
  },
  {
    ...head('pread'),
    onArea: false,
    fields: [
      process,
      { name: 'fd', label: 'file', kind: 'text', start: () => 'fd' },
      { ...length, start: () => '4K' },
      { name: 'offset', label: 'from', kind: 'text', hint: 'bytes into the file', start: () => '0' },
    ],
    line: (values) =>
      by(values, `pread(${values.fd}, ${values.length}${values.offset === '0' ? '' : `, ${values.offset}`})`),
  },
  {
    ...head('ftruncate'),
    onArea: false,
    fields: [process, { name: 'fd', label: 'file', kind: 'text', start: () => 'fd' }, { ...length, start: () => '2M' }],
    line: (values) => by(values, `ftruncate(${values.fd}, ${values.length})`),
  },
];

/** The values that a form begins with. */
export const startValues = (form: OperationForm, context: FormContext): Values =>
  Object.fromEntries(form.fields.map((field) => [field.name, field.start(context)]));

/** The form of an operation by name. */
export const formOf = (name: string): OperationForm | undefined => FORMS.find((form) => form.name === name);

/** How a scenario names an address: by a variable and a distance where there is one, else as a number. */
export function addressText(name: string, start: number, at: number): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `0x${hex(at)}`;
  return at === start ? name : `${name} + ${sizeText(at - start)}`;
}

/** What leaves the tool: a run as JSON lines, counters over time as CSV, and `/proc` texts. */
import { errnoName } from '../engine/errno';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../engine/fs/proc';
import type { Machine } from '../engine/machine';
import { callShape } from './calls';
import { formatStatement } from './format';
import { outcomeText, type Program } from './program';
import type { Done } from './run';

/** One step as a line of JSON; the fields of recorded traces, with the statement's text and what was expected otherwise. */
export function stepJson(program: Program, { k, operation, outcome, findings }: Done): string {
  const text = formatStatement({ ...program.steps[k].call, behind: '' });
  const wrong = findings.filter((finding) => !finding.holds).map(({ expected, found }) => ({ expected, found }));
  const unexpected = wrong.length > 0 ? { unexpected: wrong } : {};
  if ('refused' in operation || 'refused' in outcome)
    return JSON.stringify({
      step: k + 1,
      text,
      refused: 'refused' in operation ? operation.refused : '',
      ...unexpected,
    });
  const { who, op, args, path } = operation;
  const { ret, err, sig, code, minflt } = outcome;
  return JSON.stringify({
    step: k + 1,
    text,
    who,
    op,
    args,
    ...(path === undefined ? {} : { path }),
    ret,
    ...(err === 0 ? {} : { err: errnoName(err) }),
    ...(sig === 0 ? {} : { sig }),
    ...(code === 0 ? {} : { code }),
    ...(minflt === 0 ? {} : { minflt }),
    ...unexpected,
  });
}

const COLUMNS = [
  'step',
  'text',
  'result',
  'minflt',
  'processes',
  'areas',
  'VmSize_kB',
  'VmRSS_kB',
  'VmPTE_kB',
  'HugetlbPages_kB',
  'HugePages_Total',
  'HugePages_Free',
  'HugePages_Rsvd',
  'HugePages_Surp',
] as const;

const csvCell = (value: string | number): string => {
  const text = String(value);
  // A sheet takes what begins with these for a formula.
  const plain = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

function counters(machine: Machine): number[] {
  const sum = [0, 0, 0, 0, 0];
  for (const { mm } of machine.tasks.values()) {
    sum[0] += mm.map_count;
    sum[1] += mm.total_vm * 4;
    sum[2] += (mm.rss_file + mm.rss_anon + mm.rss_shmem) * 4;
    sum[3] += mm.pgtables_bytes / 1024;
    sum[4] += mm.hugetlb_usage * 4;
  }
  const { nr_huge_pages, free_huge_pages, resv_huge_pages, surplus_huge_pages } = machine.hstate;
  return [machine.tasks.size, ...sum, nr_huge_pages, free_huge_pages, resv_huge_pages, surplus_huge_pages];
}

const row = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** Counters over time as CSV: the line of names, and the row of a machine before its first step. Summed over all processes. */
export const countersHead = (machine: Machine): string => row(COLUMNS) + row([0, '', '', 0, ...counters(machine)]);

/** The row of a step that was just carried out on the machine. */
export function stepCounters(program: Program, machine: Machine, { k, outcome }: Done): string {
  const { call } = program.steps[k];
  const written = formatStatement({ ...call, expected: null, behind: '' });
  const result = outcomeText(outcome, callShape(call.call)!.result);
  return row([k + 1, written, result, 'refused' in outcome ? 0 : outcome.minflt, ...counters(machine)]);
}

/** What `/proc` says of every process, and of the pool, under headings that are paths. */
export function procText(machine: Machine): string {
  let text = '';
  for (const who of [...machine.tasks.keys()].sort((a, b) => a - b)) {
    const task = machine.tasks.get(who)!;
    text += `# /proc/${who}/maps\n${procMaps(task)}\n# /proc/${who}/smaps\n${procSmaps(task)}\n`;
    text += `# /proc/${who}/status\n${procStatus(task)}\n`;
  }
  return `${text}# /proc/meminfo\n${procMeminfo(machine)}`;
}

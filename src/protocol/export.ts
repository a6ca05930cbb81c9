/** A whole run as a file for other programs: every operation as JSON, counters as a table, the state at the end as `/proc`. */
import { ulongText } from '../base/units';
import { errnoName } from '../engine/errno';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../engine/fs/proc';
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';
import { isRefused, type Refused } from '../history/source';
import type { Progress } from '../scenario/strace';
import { machineFor, type Workload } from './workload';

export const EXPORTS = ['jsonl', 'csv', 'maps', 'smaps', 'status', 'meminfo'] as const;
export type ExportKind = (typeof EXPORTS)[number];

/** Fields of a process in the table, as `/proc/PID/status` names them. */
const OF_PROCESS = ['VmSize', 'VmRSS', 'RssAnon', 'RssFile', 'RssShmem', 'VmData', 'VmLck', 'VmPTE', 'HugetlbPages'];
const OF_POOL = ['HugePages_Total', 'HugePages_Free', 'HugePages_Rsvd', 'HugePages_Surp'];
const STEPS_AT_ONCE = 16;

/** Runs the scenario under a design from its beginning. Yields how far it is. */
export function* exportRun(
  workload: Workload,
  design: string,
  as: ExportKind,
  watch: (machine: Machine) => Machine = (machine) => machine,
): Generator<Progress, string> {
  const { source, program } = workload;
  const machine = watch(machineFor(workload, design));
  const env = source.start();
  const lines: string[] = [];
  if (as === 'jsonl') {
    const { title, rules } = program.head;
    lines.push(
      JSON.stringify({ format: 'mmscope run 1', title, design, rules: rules || '6.18', steps: source.length }),
    );
  } else if (as === 'csv') {
    lines.push(['step', 'line', 'statement', 'result', 'process', ...OF_PROCESS, ...OF_POOL, 'minflt'].join(','));
    lines.push(...rows(machine, '0,0,,', 0));
  }
  for (let k = 0; k < source.length; k++) {
    const operation = source.resolve(k, env);
    const outcome = isRefused(operation) ? operation : machine.execute(operation);
    if (!isRefused(operation) && !isRefused(outcome)) source.learn(k, env, operation, outcome);
    const { line, text } = source.statement(k);
    const unexpected = source.check(k, env, machine, outcome);
    if (as === 'jsonl')
      lines.push(
        counted(
          JSON.stringify({ step: k + 1, line, text, ...told(operation, outcome), pool: pool(machine), unexpected }),
        ),
      );
    else if (as === 'csv')
      lines.push(...rows(machine, `${k + 1},${line},${cell(text)},${cell(resultOf(outcome))}`, faultsOf(outcome)));
    if (k % STEPS_AT_ONCE === 0) yield { done: k, of: source.length };
  }
  return as === 'jsonl' || as === 'csv' ? `${lines.join('\n')}\n` : procOf(machine, as);
}

/** A text as a cell; one that a table program would take for a formula is quoted as text. */
const cell = (text: string): string => {
  const plain = /^[=+@-]/.test(text) && !/^-?\d+$/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

const faultsOf = (outcome: Outcome | Refused): number => ('refused' in outcome ? 0 : outcome.minflt);

function resultOf(outcome: Outcome | Refused): string {
  if ('refused' in outcome) return 'not run';
  if (outcome.sig !== 0) return `signal ${outcome.sig}`;
  return outcome.err === 0 ? String(outcome.ret) : errnoName(outcome.err);
}

/** In the words of the recorded traces of a real kernel. */
function told(operation: Operation | Refused, outcome: Outcome | Refused): Record<string, unknown> {
  if ('refused' in operation) return { refused: operation.refused };
  if ('refused' in outcome) return { refused: outcome.refused };
  const { ret, err, sig, code, minflt } = outcome;
  return {
    ...operation,
    ret,
    ...(err === 0 ? {} : { err: errnoName(err) }),
    ...(sig === 0 && code === 0 ? {} : { sig, code }),
    ...(minflt === 0 ? {} : { minflt }),
  };
}

/** JSON with counts below 0 as the kernel prints them. */
const counted = (json: string): string =>
  json.replace(
    /("(?:total|free|rsvd|surp)":)(-\d+)/g,
    (_, key: string, count: string) => key + ulongText(Number(count)),
  );

function pool({ hstate }: Machine): Record<string, number> {
  const { nr_huge_pages, free_huge_pages, resv_huge_pages, surplus_huge_pages } = hstate;
  return { total: nr_huge_pages, free: free_huge_pages, rsvd: resv_huge_pages, surp: surplus_huge_pages };
}

/** One row for each process that is alive. */
function rows(machine: Machine, step: string, minflt: number): string[] {
  const counts = Object.values(pool(machine)).map(ulongText).join(',');
  return [...machine.tasks]
    .sort(([a], [b]) => a - b)
    .map(([who, task]) => {
      const status = new Map(
        procStatus(task)
          .split('\n')
          .map((line) => [line.split(':', 1)[0], line] as const),
      );
      const fields = OF_PROCESS.map((name) => /\d+/.exec(status.get(name) ?? '0')?.[0] ?? '0').join(',');
      return `${step},${who + 1},${fields},${counts},${minflt}`;
    });
}

function procOf(machine: Machine, as: Exclude<ExportKind, 'jsonl' | 'csv'>): string {
  if (as === 'meminfo') return procMeminfo(machine);
  const print = { maps: procMaps, smaps: procSmaps, status: procStatus }[as];
  const tasks = [...machine.tasks].sort(([a], [b]) => a - b);
  if (tasks.length === 1) return print(tasks[0][1]);
  return tasks.map(([who, task]) => `==> /proc/${who + 1}/${as} <==\n${print(task)}`).join('\n');
}

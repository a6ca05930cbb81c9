/** The measurements that were posted in 2007, as data. */

/** One line of the measurements of 2007: seconds without and with the series, and the difference as it was reported. */
export interface Kernbench {
  readonly machine: string;
  readonly metric: 'user' | 'system' | 'total' | 'elapsed';
  readonly clean: number;
  readonly ops: number;
  /** Per cent; positive is faster with the series. */
  readonly difference: number;
}

const line = (
  machine: string,
  metric: Kernbench['metric'],
  clean: number,
  ops: number,
  difference: number,
): Kernbench => ({ machine, metric, clean, ops, difference });

/** KernBench on 2.6.20, posted with the second version of the series. The author reads the differences as noise. */
export const KERNBENCH: readonly Kernbench[] = [
  line('ppc64', 'user', 708.82, 708.59, 0.03),
  line('ppc64', 'system', 62.5, 62.58, -0.13),
  line('ppc64', 'total', 771.32, 771.17, 0.02),
  line('ppc64', 'elapsed', 115.4, 115.35, 0.04),
  line('x86', 'user', 1382.62, 1381.88, 0.05),
  line('x86', 'system', 146.06, 146.86, -0.55),
  line('x86', 'total', 1528.68, 1528.74, 0),
  line('x86', 'elapsed', 394.92, 396.7, -0.45),
  line('x86_64', 'user', 559.39, 557.97, 0.25),
  line('x86_64', 'system', 65.1, 66.17, -1.64),
  line('x86_64', 'total', 624.49, 624.14, 0.06),
  line('x86_64', 'elapsed', 158.54, 158.59, -0.03),
];

export const KERNBENCH_SOURCE =
  'Adam Litke, “[PATCH 0/7] [RFC] hugetlb: pagetable_operations API (V2)”, linux-mm, 19 March 2007';

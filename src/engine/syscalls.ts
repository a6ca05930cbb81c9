/** Which routine carries out which operation. Arguments are taken apart here, and results put into the outcome. */
import { PAGE_SIZE, TASK_SIZE } from '../base/units';
import { EBADF, EINVAL, ENOMEM, ENOSYS, ESRCH } from './errno';
import { Ev } from './events';
import { do_execve } from './exec';
import { do_close, do_ftruncate, do_open, do_unlink, ksys_pread64, vfs_fallocate } from './fs/file';
import { fget, fput } from './fs/file_table';
import { do_shmat, ksys_shmctl, ksys_shmdt, ksys_shmget } from './ipc/shm';
import { do_fcntl, do_memfd_create } from './mm/memfd';
import type { Machine } from './machine';
import { touch } from './mm/fault';
import { dup_mmap, exit_mmap } from './mm/fork';
import { set_max_huge_pages, set_overcommit } from './mm/hugetlb_pool';
import { do_madvise } from './mm/madvise';
import { do_mincore } from './mm/mincore';
import { do_mlock, do_mlockall, do_munlock, do_munlockall } from './mm/mlock';
import { Task } from './mm/mm_types';
import { do_brk, ksys_mmap } from './mm/mmap';
import { do_mprotect } from './mm/mprotect';
import { do_mremap } from './mm/mremap';
import { do_msync } from './mm/msync';
import { do_munmap } from './mm/vma';
import type { Operation, OperationName } from './operation';

/** An argument as an unsigned long: negative numbers wrap, what is no number is 0. */
function ulong(operation: Operation, i: number): number {
  const x = operation.args[i];
  if (x === undefined || Number.isNaN(x)) return 0;
  const whole = Math.trunc(x);
  // Adding 0 makes −0 an ordinary 0, which may be divided by.
  if (whole >= 0) return Math.min(whole + 0, 2 ** 64);
  // Numbers so near 2^64 lie 2048 apart: what is not page aligned must not become so.
  const page = Math.floor(whole / PAGE_SIZE) * PAGE_SIZE;
  return Math.max(0, page + 2 ** 64) + (page === whole ? 0 : PAGE_SIZE / 2);
}

/** An argument as an int (flags, descriptors). */
const int = (operation: Operation, i: number): number => (operation.args[i] ?? 0) | 0;
/** An argument as a signed long (lengths of files). 2^63 is taken for the largest one, 2^63 − 1, which no number here is. */
function long(operation: Operation, i: number): number {
  const x = operation.args[i];
  if (x === undefined || Number.isNaN(x)) return 0;
  return Math.trunc(x > 2 ** 63 ? x - 2 ** 64 : x);
}

/** Puts a result into the outcome: a negative one is −1 and its errno. */
function answer(m: Machine, result: number): void {
  const out = m.outcome;
  if (result < 0) {
    out.ret = -1;
    out.err = -result;
  } else out.ret = result;
}

type Call = (m: Machine, task: Task, o: Operation) => number;

/** A system call of a process: −ESRCH where the process does not exist. */
const call =
  (routine: Call): Syscall =>
  (m, o) => {
    const task = m.tasks.get(o.who);
    answer(m, task === undefined ? -ESRCH : routine(m, task, o));
  };

/** A call that came after 2007: −ENOSYS by the rules of that time. */
const later =
  (routine: Call): Call =>
  (m, task, o) =>
    m.rules.hasNewCalls ? routine(m, task, o) : -ENOSYS;

/** Touches that one operation may do: a bound that keeps hostile counts from hanging the machine. */
const MAX_TOUCHES = 1 << 24;

const touches =
  (write: boolean): Syscall =>
  (m, o) => {
    const task = m.tasks.get(o.who);
    if (task === undefined) return answer(m, -ESRCH);
    const count = ulong(o, 1);
    if (count > MAX_TOUCHES) return answer(m, -EINVAL);
    touch(m, task, ulong(o, 0), count, ulong(o, 2), write, m.outcome);
  };

/** Linux: kernel/fork.c kernel_clone, copy_files. The new process's number is given; one that lives is refused. */
const fork: Call = (m, task, o) => {
  const who = int(o, 0);
  if (who < 0 || m.tasks.has(who)) return -EINVAL;
  const mm = m.newMm(who);
  if (m.rec !== null) m.rec.emit(Ev.Fork, task.who, who);
  const err = dup_mmap(task.mm, mm);
  if (err !== 0) {
    exit_mmap(mm);
    return -ENOMEM;
  }
  const files = task.files.map((f) => f ?? null);
  for (const f of files) if (f !== null) f.f_count++;
  m.tasks.set(who, new Task(who, mm, files, task.comm, task.who, new Set(task.close_on_exec)));
  return who;
};

/** Linux: kernel/exit.c do_exit. */
const exit: Call = (m, task) => {
  if (m.rec !== null) m.rec.emit(Ev.Exit, task.who);
  exit_mmap(task.mm);
  for (const f of task.files) if (f) fput(m, f);
  m.tasks.delete(task.who);
  return 0;
};

const fallocate: Call = (m, task, o) => {
  const f = fget(task, int(o, 0));
  return f === null ? -EBADF : vfs_fallocate(m, f, int(o, 1), long(o, 2), long(o, 3));
};

export type Syscall = (m: Machine, operation: Operation) => void;

export const SYSCALLS: Readonly<Record<OperationName, Syscall>> = {
  mmap: call((m, t, o) => ksys_mmap(m, t, ulong(o, 0), ulong(o, 1), int(o, 2), int(o, 3), int(o, 4), ulong(o, 5))),
  munmap: call((_, t, o) => do_munmap(t.mm, ulong(o, 0), ulong(o, 1))),
  mprotect: call((_, t, o) => do_mprotect(t.mm, ulong(o, 0), ulong(o, 1), int(o, 2))),
  mremap: call((_, t, o) => do_mremap(t.mm, ulong(o, 0), ulong(o, 1), ulong(o, 2), int(o, 3), ulong(o, 4))),
  madvise: call((_, t, o) => do_madvise(t.mm, ulong(o, 0), ulong(o, 1), int(o, 2))),
  read: touches(false),
  write: touches(true),
  mlock: call((_, t, o) => do_mlock(t.mm, ulong(o, 0), ulong(o, 1), 0)),
  mlock2: call(later((_, t, o) => do_mlock(t.mm, ulong(o, 0), ulong(o, 1), int(o, 2)))),
  munlock: call((_, t, o) => do_munlock(t.mm, ulong(o, 0), ulong(o, 1))),
  mlockall: call((_, t, o) => do_mlockall(t.mm, int(o, 0))),
  munlockall: call((_, t) => do_munlockall(t.mm)),
  mincore: call((m, t, o) => do_mincore(m, t.mm, ulong(o, 0), ulong(o, 1), m.outcome)),
  msync: call((_, t, o) => do_msync(t.mm, ulong(o, 0), ulong(o, 1), int(o, 2))),
  brk: call((_, t, o) => do_brk(t.mm, Math.min(ulong(o, 0), TASK_SIZE + 1))),
  fork: call(fork),
  exec: call((m, t, o) => do_execve(m, t, o.args, o.path ?? '')),
  exit: call(exit),
  open: call((m, t, o) => do_open(m, t, o.path ?? '', int(o, 0))),
  close: call((m, t, o) => do_close(m, t, int(o, 0))),
  ftruncate: call((m, t, o) => do_ftruncate(m, t, int(o, 0), long(o, 1))),
  fallocate: call(later(fallocate)),
  memfd: call(later((m, t, o) => do_memfd_create(m, t, o.path ?? '', int(o, 0)))),
  unlink: call((m, _, o) => do_unlink(m, o.path ?? '')),
  fcntl: call(later((m, t, o) => do_fcntl(m, t, int(o, 0), int(o, 1), int(o, 2)))),
  pread: call((m, t, o) => ksys_pread64(m, t, int(o, 0), ulong(o, 1), long(o, 2))),
  shmget: call((m, t, o) => ksys_shmget(m, t, int(o, 0), ulong(o, 1), int(o, 2))),
  shmat: call((m, t, o) => do_shmat(m, t, int(o, 0), ulong(o, 1), int(o, 2))),
  shmdt: call((m, t, o) => ksys_shmdt(m, t, ulong(o, 0))),
  shmctl: call((m, _, o) => ksys_shmctl(m, int(o, 0), int(o, 1))),
  pool: (m, o) => {
    // The recorder sets the overcommit limit first, as two writes to sysfs.
    set_overcommit(m, ulong(o, 1));
    set_max_huge_pages(m, ulong(o, 0));
  },
};

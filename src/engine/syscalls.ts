/** Which routine carries out which operation. Arguments are taken apart here, and results put into the outcome. */
import type { Machine } from './machine';
import type { Operation, OperationName } from './operation';

export type Syscall = (m: Machine, operation: Operation) => void;
export declare const SYSCALLS: Readonly<Record<OperationName, Syscall>>;

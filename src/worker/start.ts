/** Starts the worker of this build: a file beside the page, or inside it where the page is one file. */
import MachineWorker from './entry?worker';
import type { WorkerLike } from './client';

export const startWorker = (): WorkerLike => new MachineWorker({ name: 'mmscope' });

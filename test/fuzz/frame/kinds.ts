/** Every kind by its name: the files beside this folder. */
import type { Kind } from './kind';

const FILES = import.meta.glob<Kind>('../*.ts', { eager: true, import: 'default' });

export const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries(FILES).map(([path, kind]) => [path.slice(3, -3), kind]),
);

/** The designs' own files, as this page runs them, loaded when somebody reads them. */
const FILES = import.meta.glob<string>('../engine/designs/*.ts', { query: '?raw', import: 'default' });

const path = (file: string): string => `../engine/designs/${file}`;

/** Text of a file below `src/engine/designs`; null where there is none. */
export async function designFile(file: string): Promise<string | null> {
  return (await FILES[path(file)]?.()) ?? null;
}

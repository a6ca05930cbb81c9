/** Files in and out: nothing leaves the computer. */
import type { Session } from '../store/session';
import { tell } from './ui';

/** Bytes; a larger file is refused. */
const LARGEST = 64 * 1024 * 1024;

/** Gives the person a text as a file. */
export function offerFile(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, '-');
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Opens a file that was chosen or dropped. */
export async function readFile(file: File, session: Session): Promise<void> {
  if (file.size > LARGEST) {
    tell('trouble', `${file.name} is larger than ${LARGEST / 1024 / 1024} MiB: too large to open.`);
    return;
  }
  await session.open(await file.text());
}

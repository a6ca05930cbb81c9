/** `/proc` as Linux prints it, with the lines that changed. */
import { procMaps, procMeminfo, procSmaps, procStatus } from '../../engine/fs/proc';
import type { Machine } from '../../engine/machine';
import type { Mark, ProcFile, ProcPicture, ProcRequest } from '../picture';
import type { Scene } from '../run';

/** A whole file; empty for a process that is not there. */
export function procText(m: Machine, who: number, file: ProcFile): string {
  if (file === 'meminfo') return procMeminfo(m);
  const task = m.tasks.get(who);
  if (task === undefined) return '';
  if (file === 'maps') return procMaps(task);
  return file === 'smaps' ? procSmaps(task) : procStatus(task);
}

export function procPicture(scene: Scene, ask: ProcRequest): ProcPicture {
  const all = linesOf(procText(scene.now, ask.who, ask.file));
  const shown = all.slice(0, ask.maxLines);
  const left = all.length - shown.length;
  if (scene.now === scene.was) {
    return { who: ask.who, file: ask.file, lines: shown.map(({ text }) => ({ text, mark: 'same' as Mark })), left };
  }
  const before = new Map(linesOf(procText(scene.was, ask.who, ask.file)).map((line) => [line.key, line.text]));
  const lines = shown.map(({ key, text }) => {
    const was = before.get(key);
    const mark: Mark = was === undefined ? 'new' : was === text ? 'same' : 'changed';
    return { text, mark };
  });
  return { who: ask.who, file: ask.file, lines, left };
}

interface Line {
  /** Start of the area and name of the field: what makes it the same line at another time. */
  readonly key: string;
  readonly text: string;
}

const HEAD = /^([0-9a-f]{8,})-[0-9a-f]+ /;

function linesOf(text: string): Line[] {
  if (text === '') return [];
  let area = '';
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const head = HEAD.exec(line);
      if (head !== null) {
        area = head[1]!;
        return { key: area, text: line };
      }
      return { key: `${area}/${line.slice(0, line.indexOf(':'))}`, text: line };
    });
}

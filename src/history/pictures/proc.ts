/** `/proc` as Linux prints it, with the lines that changed. */
import { procMaps, procMeminfo, procSmaps, procStatus, smapsLinesOf } from '../../engine/fs/proc';
import type { Machine } from '../../engine/machine';
import type { Mark, ProcFile, ProcPicture, ProcRequest } from '../picture';
import type { Scene } from '../run';

/** A whole file, or what its first `areas` areas give; empty for a process that is not there. */
export function procText(m: Machine, who: number, file: ProcFile, areas = Infinity): string {
  if (file === 'meminfo') return procMeminfo(m);
  const task = m.tasks.get(who);
  if (task === undefined) return '';
  if (file === 'maps') return procMaps(task, areas);
  return file === 'smaps' ? procSmaps(task, areas) : procStatus(task);
}

/** Lines that one area gives. */
const linesOfArea = (m: Machine, file: ProcFile): number =>
  file === 'maps' ? 1 : file === 'smaps' ? smapsLinesOf(m) : 0;

export function procPicture(scene: Scene, { who, file, maxLines }: ProcRequest): ProcPicture {
  const perArea = linesOfArea(scene.now, file);
  const areas = perArea === 0 ? Infinity : Math.ceil(maxLines / perArea);
  const shown = linesOf(procText(scene.now, who, file, areas)).slice(0, maxLines);
  const map_count = scene.now.tasks.get(who)?.mm.map_count;
  // One area more than a process has: every file ends with the gate area.
  const all = perArea === 0 || map_count === undefined ? shown.length : (map_count + 1) * perArea;
  const left = Math.max(0, all - shown.length);
  if (scene.now === scene.was) return { who, file, lines: shown.map(({ text }) => ({ text, mark: 'same' })), left };
  // An area's start may have been further on before: twice as many are compared.
  const before = new Map(linesOf(procText(scene.was, who, file, areas * 2)).map((line) => [line.key, line.text]));
  const lines = shown.map(({ key, text }) => {
    const was = before.get(key);
    const mark: Mark = was === undefined ? 'new' : was === text ? 'same' : 'changed';
    return { text, mark };
  });
  return { who, file, lines, left };
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

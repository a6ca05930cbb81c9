import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTraces } from '../../../src/cli/traces';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import { createMachine } from '../../../src/engine/process';
import { Replay, type TraceHeader, type TraceLine } from '../../../src/engine/trace';

/** Recorded with `record.py random --seed 501 --ops 14 --proc`, eleven kinds. */
const RECORDING = join(import.meta.dirname, '../../oracle/proc.jsonl.gz');

interface Texts {
  maps: string;
  smaps: string;
  status: string;
}
type LineWithTexts = TraceLine & { proc: Record<string, Texts>; meminfo: string };

const HEAD = /^([0-9a-f]{8,}-[0-9a-f]{8,} [r-][w-][x-][ps] [0-9a-f]{8,}) [0-9a-f]{2}:[0-9a-f]{2} \d+ *(.*)$/;

/** The blocks of `maps` or `smaps`, one for each area; device, inode and folder of a file are the machine's own affair. */
function blocks(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let key = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const head = HEAD.exec(line);
    if (head === null) found.set(key, `${found.get(key)}\n${line}`);
    else {
      key = head[1]!.slice(0, head[1]!.lastIndexOf(' '));
      const name = head[2]!.slice(head[2]!.lastIndexOf('/') + 1);
      const column = name === '' ? 'ends in a space: ' + line.endsWith(' ') : 'at ' + (line.length - head[2]!.length);
      found.set(key, `${head[1]!} ${name} (${column})`);
    }
  }
  return found;
}

/** Without what stood before the first operation: the recorded process runs, and touches its own pages as it does. */
function others(found: Map<string, string>, header: TraceHeader): string {
  const initial = new Set(
    header.initial
      .filter((a) => a.name !== '[vsyscall]')
      .map((a) => `${a.start.toString(16).padStart(8, '0')}-${a.end.toString(16).padStart(8, '0')} ${a.perms}`),
  );
  return [...found]
    .filter(([key]) => !initial.has(key))
    .map(([, block]) => block)
    .join('\n');
}

/** Lines of status that do not depend on how the recorded process itself has run. */
const status = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(VmPeak|VmHWM|VmRSS|RssAnon|RssFile)/.test(line))
    .join('\n');

describe('/proc as a real kernel printed it', () => {
  for (const trace of readTraces(RECORDING)) {
    const { header, lines } = trace;
    test(`${header.kind}: maps, smaps, status and meminfo, character for character`, () => {
      const run = new Replay(header, lines);
      const m = run.machine;
      lines.forEach((line, i) => {
        run.step(line);
        const { proc, meminfo } = line as LineWithTexts;
        for (const [who, texts] of Object.entries(proc)) {
          const task = m.tasks.get(Number(who))!;
          const where = `operation ${i + 1}, process ${who}`;
          expect(others(blocks(procMaps(task)), header), where).toBe(others(blocks(texts.maps), header));
          expect(others(blocks(procSmaps(task)), header), where).toBe(others(blocks(texts.smaps), header));
          expect([...blocks(procMaps(task)).keys()], where).toEqual([...blocks(texts.maps).keys()]);
          expect(status(procStatus(task)), where).toBe(status(texts.status));
        }
        const own = procMeminfo(m).split('\n').slice(0, -1);
        const shown = meminfo
          .split('\n')
          .filter((l) => !l.startsWith('FileHugePages') && own.some((o) => o.split(':')[0] === l.split(':')[0]));
        expect(
          own.filter((l) => shown.some((k) => k.split(':')[0] === l.split(':')[0])),
          `operation ${i + 1}`,
        ).toEqual(shown);
      });
    });
  }

  test('a fresh process shows the areas of a small static program', () => {
    const m = createMachine();
    const text = procMaps(m.tasks.get(0)!);
    expect(text.split('\n')[1]).toBe(
      '00401000-0047a000 r-xp 00001000 fe:00 1025                               /usr/bin/program',
    );
    expect(text.endsWith('--xp 00000000 00:00 0                  [vsyscall]\n')).toBe(true);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { importTexts, recognise, type Imported } from '../../../src/protocol/import';
import { LIBRARY } from '../../../src/scenario/library';

function imported(files: readonly { name: string; text: string }[]): Imported {
  const work = importTexts(files);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const TRACES = 'test/traces/';
const MAPS = `00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus-daemon
00e03000-00e24000 rw-p 00000000 00:00 0           [heap]
`;

describe('a text from outside', () => {
  test('is a trace where a real program was traced', () => {
    for (const name of readdirSync(TRACES).filter((file) => file.endsWith('.gz')))
      expect([name, recognise(gunzipSync(readFileSync(TRACES + name)).toString())]).toEqual([name, 'strace']);
  });

  test('is a scenario where somebody wrote one, and where it is anything else', () => {
    for (const { examples } of LIBRARY)
      for (const { name, text } of examples) expect([name, recognise(text)]).toEqual([name, 'scenario']);
    for (const text of ['', '\n\n', 'hello', '{"a": 1}', 'munmap(a, 4K)\n', '\0\0\0'])
      expect(recognise(text)).toBe('scenario');
  });

  test('is told as maps or smaps by its fields', () => {
    expect(recognise(MAPS)).toBe('maps');
    const [first, second] = MAPS.trim().split('\n');
    const fields = 'Size:                328 kB\nRss:                   8 kB\nVmFlags: rd ex\n';
    expect(recognise(`${first}\n${fields}${second}\n${fields}`)).toBe('smaps');
  });

  test('of another kind than its fellows is left out, and said to be', () => {
    const found = imported([
      { name: 'a.1', text: 'munmap(0x7ffff7fc0000, 4096) = 0\n' },
      { name: 'maps', text: MAPS },
    ]);
    expect(found.kind).toBe('strace');
    expect(found.notes[0]).toBe('maps is of another kind than the other files, and was left out.');
    expect(imported([{ name: 'maps', text: MAPS }])).toMatchObject({ kind: 'maps', areas: 2, processes: 1 });
    expect(imported([])).toMatchObject({ kind: 'scenario', text: '' });
  });
});

import { expect, test } from 'vitest';
import { importTexts, type Imported } from '../../../src/protocol/import';
import { parse } from '../../../src/scenario/parse';

const MAPS = `555555554000-555555556000 r--p 00000000 fe:00 260131                     /usr/bin/cat
555555556000-55555555b000 r-xp 00002000 fe:00 260131                     /usr/bin/cat
7ffff7fc0000-7ffff7fc2000 rw-p 00000000 00:00 0 
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
`;

function imported(text: string): Imported {
  const work = importTexts([{ name: 'maps', text }]);
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

test('a /proc/PID/maps that comes in is a scenario that starts a program with those areas', () => {
  const { kind, text, lines, areas } = imported(MAPS);
  expect([kind, lines, areas]).toEqual(['maps', 4, 4]);
  expect(parse(text).diagnostics).toEqual([]);
  expect(text).toContain('layout: cat 555555556000-55555555b000 r-xp 00002000 0 /usr/bin/cat');
  expect(text).toContain('exec("cat") → 0\nexpect areas 4');
});

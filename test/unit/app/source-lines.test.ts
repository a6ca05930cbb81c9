import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runningLines } from '../../../src/app/panes/source-lines';

const folder = join(import.meta.dirname, '../../../src/engine/designs');
const source = (name: string) => readFileSync(join(folder, `${name}.ts`), 'utf8').split('\n');
const lit = (name: string, site: string, step: string) => {
  const lines = source(name);
  const { site: at, running } = runningLines(lines, { file: `${name}.ts`, site, step });
  return { site: lines[at] ?? '', running: lines[running] ?? '' };
};

describe('the line of a design that runs', () => {
  test('under ops is the load of the pointer, whatever is asked for', () => {
    expect(lit('ops', 'fault', 'load').running).toMatch(/TableLoad/);
    expect(lit('ops', 'unmap_page_range', 'call').running).toMatch(/IndirectCall/);
  });

  test("under flag stands in the site's own function where it has one", () => {
    expect(lit('flag', 'fault', 'flag').running).toMatch(/FlagTest/);
    expect(lit('flag', 'fault', 'call').running).toMatch(/device \? page_pagetable_ops/);
    expect(lit('flag', 'copy_vma', 'call')).toEqual({
      site: expect.stringContaining('copy_vma:') as string,
      running: expect.stringContaining('DirectCall') as string,
    });
  });

  test('is found in every design for a fault', () => {
    for (const file of readdirSync(folder)) {
      const name = file.replace(/\.ts$/, '');
      if (['design', 'designs', 'catalogue'].includes(name)) continue;
      expect(lit(name, 'fault', 'generic').site, name).not.toBe('');
    }
  });

  test('is none for a site that no file knows and a step that it does not take', () => {
    expect(runningLines(['nothing here'], { file: 'x.ts', site: 'fault', step: 'flag' })).toEqual({
      site: -1,
      running: -1,
    });
  });
});

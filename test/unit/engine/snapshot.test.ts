import { describe, expect, test } from 'vitest';
import { Recorder } from '../../../src/engine/events';
import type { Machine } from '../../../src/engine/machine';
import { Table } from '../../../src/engine/mm/pgtable';
import { XArray } from '../../../src/engine/mm/xarray';
import type { Operation } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { KINDS, RandomOperations } from './random-operations';

/** Carries operations out with a recorder: what each came to and every event. */
function play(m: Machine, operations: readonly Operation[]): string[] {
  return operations.map((operation) => {
    const recorder = new Recorder();
    m.executeUntil(operation, recorder);
    return `${JSON.stringify(m.outcome)} ${recorder.take().join()}`;
  });
}

/**
 * Everything that can be reached from a machine's processes, names and pool as text: one line an object, each object
 * numbered when it is met first. Knows no field by name, so a field that a keyframe forgets shows.
 */
function dump(m: Machine): string {
  const numbers = new Map<object, number>();
  const lines: string[] = [];
  const queue: object[] = [];
  const refer = (value: unknown): string => {
    if (typeof value === 'function') return value.name;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
    if (value === m) return 'machine';
    let n = numbers.get(value);
    if (n === undefined) {
      numbers.set(value, (n = numbers.size));
      queue.push(value);
    }
    return `#${n}`;
  };
  refer([m.tasks, m.names, m.hstate, m.next_vma_id, m.next_table_id, m.next_anon_vma_id, m.next_inode_id]);
  refer([m.next_file_id, m.huge_zero_pfn, m.committed, m.operations, m.frames.used]);
  for (let at = 0; at < queue.length; at++) {
    const value = queue[at]!;
    const name = `#${at} ${value.constructor.name}`;
    if (ArrayBuffer.isView(value)) lines.push(`${name} ${(value as Uint32Array).join()}`);
    else if (value instanceof XArray) {
      const pages: string[] = [];
      value.forEach(0, Infinity, (index, v) => pages.push(`${index}:${v}`));
      lines.push(`${name} ${pages.join()}`);
    } else if (value instanceof Map) lines.push(`${name} ${[...value].map(([k, v]) => `${k}:${refer(v)}`).join()}`);
    else if (value instanceof Set) lines.push(`${name} ${[...value].map(refer).join()}`);
    else
      lines.push(
        `${name} ${Object.entries(value)
          .filter(([key]) => !(value instanceof Table && key === 'owner'))
          .map(([key, v]) => `${key}=${refer(v)}`)
          .join()}`,
      );
  }
  for (let pfn = 0; pfn < m.frames.top; pfn++) {
    const f = m.frames;
    if (f.flags(pfn) !== 0)
      lines.push(
        `frame ${pfn} ${f.refcount(pfn)} ${f.mapcount(pfn)} ${f.flags(pfn)} ${f.mapping(pfn)} ${f.entireMapcount(pfn)}`,
      );
  }
  return lines.join('\n');
}

describe('keyframes', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: from a keyframe the same operations give the same events, ids and state, again and again`, () => {
      for (let seed = 1; seed <= 4; seed++) {
        const m = createMachine();
        const draw = new RandomOperations(m, kind, seed);
        m.execute(draw.first());
        for (let i = 0; i < 40; i++) m.execute(draw.next());
        const before = dump(m);
        const keyframe = snapshot(m);
        expect(dump(m), `seed ${seed}: taking a keyframe changes nothing`).toBe(before);
        const operations: Operation[] = [];
        const first: string[] = [];
        for (let i = 0; i < 30; i++) {
          const operation = draw.next();
          operations.push(operation);
          first.push(...play(m, [operation]));
        }
        const after = dump(m);
        for (let again = 0; again < 2; again++) {
          restore(m, keyframe);
          expect(dump(m), `seed ${seed}: restored`).toBe(before);
          expect(play(m, operations), `seed ${seed}: played again`).toEqual(first);
          expect(dump(m), `seed ${seed}: the end`).toBe(after);
        }
      }
    });
  }

  test('a keyframe taken between others stays what it was', () => {
    const m = createMachine();
    const draw = new RandomOperations(m, KINDS['everything']!, 7);
    m.execute(draw.first());
    const frames = [];
    for (let i = 0; i < 12; i++) {
      for (let k = 0; k < 5; k++) m.execute(draw.next());
      frames.push({ keyframe: snapshot(m), state: dump(m) });
    }
    for (const { keyframe, state } of [...frames].reverse().concat(frames)) {
      restore(m, keyframe);
      expect(dump(m)).toBe(state);
    }
  });

  test('a keyframe of 1 GiB present shares its entries with the one before', () => {
    const m = createMachine();
    const length = 2 ** 30;
    const at = m.execute({ who: 0, op: 'mmap', args: [0, length, 3, 0x22, -1, 0] }).ret;
    m.execute({ who: 0, op: 'write', args: [at, length / 4096, 4096] });
    const first = snapshot(m);
    m.execute({ who: 0, op: 'munmap', args: [at, 4096] });
    const second = snapshot(m);
    expect(first.bytes).toBeGreaterThan((length / 4096) * 4);
    expect(second.bytes).toBeLessThan(first.bytes / 10);
  });
});

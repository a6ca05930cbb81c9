import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../../src/app/theme.css'), 'utf8');
const tokens = readFileSync(join(import.meta.dirname, '../../../src/views/tokens.css'), 'utf8');

/** The custom properties of a theme. */
function themeOf(name: string): (token: string) => string {
  const block = new RegExp(`\\[data-theme='${name}'\\]\\s*\\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const values = new Map(
    [...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/gi)].map(([, key, value]) => [key!, value!]),
  );
  return (token) => {
    const value = values.get(token);
    if (value === undefined) throw new Error(`theme ${name} has no ${token}`);
    return value;
  };
}

type Colour = readonly [number, number, number];

const parse = (hex: string): Colour =>
  [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Colour;
const linear = (c: number): number => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: Colour): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

/** Contrast of WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(parse(a)), luminance(parse(b))].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

const slots = [0, 1, 2, 3, 4, 5, 6, 7];
const hues = [0, 1, 2, 3];

describe.each(['light', 'dark', 'projector'])('in the %s theme', (name) => {
  const of = themeOf(name);

  test('every text of a picture has 4.5 to 1', () => {
    const pairs: [string, string][] = [
      ['--ink', '--bg'],
      ['--muted', '--bg'],
      ['--muted', '--sunken'],
      ['--ink', '--sunken'],
      ['--highlight-ink', '--highlight'],
      ...slots.flatMap((n): [string, string][] => [
        [`--slot-${n}-on`, `--slot-${n}`],
        [`--slot-${n}-ink`, '--bg'],
        [`--slot-${n}-ink`, `--slot-${n}-soft`],
        ['--ink', `--slot-${n}-soft`],
      ]),
    ];
    const poor = pairs.map(([a, b]) => ({ a, b, ratio: contrast(of(a), of(b)) })).filter(({ ratio }) => ratio < 4.5);
    expect(poor).toEqual([]);
  });

  test('every edge and mark has 3 to 1 on what it stands on', () => {
    const pairs: [string, string][] = [
      ['--edge', '--bg'],
      ['--strong', '--bg'],
      ['--strong', '--highlight'],
      ['--accent', '--bg'],
      ['--ink', '--bg'],
      ...slots.map((n): [string, string] => [`--slot-${n}`, '--bg']),
    ];
    const poor = pairs.map(([a, b]) => ({ a, b, ratio: contrast(of(a), of(b)) })).filter(({ ratio }) => ratio < 3);
    expect(poor).toEqual([]);
  });

  // With more mappings than four, names and patterns must tell what colour cannot.
  test('the first four hues are four to those who lack the cones for red or for green', () => {
    const kinds = Object.keys(DICHROMATS) as (keyof typeof DICHROMATS)[];
    const close = kinds.flatMap((kind) =>
      hues.flatMap((a) =>
        hues
          .filter((b) => b > a)
          .map((b) => ({ kind, a, b, apart: apart(seen(of(`--slot-${a}`), kind), seen(of(`--slot-${b}`), kind)) }))
          .filter((pair) => pair.apart < 8),
      ),
    );
    expect(close).toEqual([]);
  });
});

test('slot 0 of a picture is the neutral colour, slots 1 to 7 are the hues in order', () => {
  for (let slot = 0; slot < 8; slot++) {
    const base = (slot + 7) % 8;
    expect(tokens).toMatch(new RegExp(`--tone-${slot}: var\\(--slot-${base}\\);`));
    expect(tokens).toMatch(new RegExp(`\\[data-slot='${slot}'\\] \\{\\s*--mark: var\\(--slot-${base}\\);`));
  }
});

/** What is left of a colour (in linear light) without one kind of cone: Viénot, Brettel and Mollon 1999. */
const DICHROMATS = {
  protanopia: [0.10889, 0.89111, 0, 0.10889, 0.89111, 0, 0.00447, -0.00447, 1],
  deuteranopia: [0.29031, 0.70969, 0, 0.29031, 0.70969, 0, -0.02197, 0.02197, 1],
} as const;

function seen(hex: string, kind: keyof typeof DICHROMATS): Colour {
  const m = DICHROMATS[kind];
  const [r, g, b] = parse(hex).map(linear) as unknown as Colour;
  const row = (i: number): number => Math.min(1, Math.max(0, m[i]! * r + m[i + 1]! * g + m[i + 2]! * b));
  return [row(0), row(3), row(6)];
}

/** Distance of two colours in linear light, in CIE L*a*b*. */
function apart(a: Colour, b: Colour): number {
  const lab = ([r, g, blue]: Colour): Colour => {
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * blue) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * blue);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * blue) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { hashOf } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const TEXT = `title: Six steps
pool(4)
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0)
write(a)
child = fork()
child: write(a)
`;
const HEIGHT = 560;
const WIDTHS = [320, 390, 480, 560, 640, 719, 800, 880, 1000, 1200];
const SETS = [
  'space',
  'tables',
  'pool',
  'scenario.space',
  'space.tables',
  'space.pool',
  'space.tables.pool',
  'scenario.space.tables.pool',
  'scenario.space.tables.pool.drawer',
];

/** What is wrong with how the page stands in its frame, in words. */
const flaws = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const seen = (element: Element): boolean => element.getBoundingClientRect().width > 0;
    const named = (element: Element): string =>
      element.getAttribute('aria-label') ?? element.querySelector('h2')?.textContent ?? element.className;
    const pictures = [...document.querySelectorAll('main .picture')].map((one) => one.parentElement!.parentElement!);
    for (const pane of pictures.filter(seen)) {
      const { clientHeight } = pane;
      if (clientHeight < 220) found.push(`${named(pane.closest('section')!)}: ${clientHeight} pixels high`);
    }
    const parts = [
      ...document.querySelectorAll('main section section, main section:not(:has(section)), main nav, header, footer'),
    ].filter((one) => seen(one) && one.parentElement!.closest('footer, header') === null);
    const boxes = parts.map((one) => one.getBoundingClientRect());
    for (const [i, a] of boxes.entries()) {
      if (a.left < -1 || a.right > innerWidth + 1 || a.top < -1 || a.bottom > innerHeight + 1)
        found.push(`${named(parts[i]!)} sticks out of the frame`);
      for (let j = 0; j < i; j++) {
        const b = boxes[j]!;
        const inside = parts[i]!.contains(parts[j]!) || parts[j]!.contains(parts[i]!);
        const apart = a.left >= b.right - 1 || b.left >= a.right - 1 || a.top >= b.bottom - 1 || b.top >= a.bottom - 1;
        if (!inside && !apart) found.push(`${named(parts[i]!)} lies over ${named(parts[j]!)}`);
      }
    }
    // A button that is there can be pressed: nothing else lies on its middle, and no edge cuts it.
    for (const button of document.querySelectorAll('header :is(a, button), footer button, main nav button, main h2')) {
      const box = button.getBoundingClientRect();
      if (box.width === 0 || box.width < 2 || button.closest('[aria-hidden]')) continue;
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`${button.textContent} is cut off`);
      const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (at === null || !(button.contains(at) || at.contains(button))) found.push(`${button.textContent} is covered`);
    }
    return found;
  });

describe('in a frame of 560 pixels height every picture has at least 220 of them, and nothing overlaps or is cut off', () => {
  test.each([...SETS, 'side by side'])('%s', async (panes) => {
    const compared = panes === 'side by side';
    const hash = hashOf(TEXT, compared ? { embed: '1' } : { embed: '1', panes }, compared ? 'flag' : '');
    const { page, context } = await site.visit(site.url + hash, {
      reducedMotion: 'reduce',
      viewport: { width: 1200, height: HEIGHT },
    });
    await page.locator('.picture svg').first().waitFor();
    await page.keyboard.press('End');
    const found: string[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      await page.waitForTimeout(120);
      for (const flaw of await flaws(page)) found.push(`${width}: ${flaw}`);
      const tabs = page.getByRole('main').getByRole('navigation', { name: 'What is shown' }).getByRole('button');
      for (let i = 1; i < (await tabs.count()); i++) {
        await tabs.nth(i).click();
        await page.waitForTimeout(60);
        for (const flaw of await flaws(page)) found.push(`${width}, tab ${i}: ${flaw}`);
      }
    }
    expect(found).toEqual([]);
    await context.close();
  });
});

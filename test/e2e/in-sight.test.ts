import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { PANES } from '../unit/views/panes';
import { visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The pictures that one column shows at a time on a phone, by what is pressed for them. */
const PLACES = ['Addresses', 'Tables', 'Pool'];

/**
 * Steps through the scenario inside the page, and lists the changed marks that are out of sight after a step: outside of
 * their pane, of the window, or under a card.
 */
const hiddenAfterSteps = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]')!;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const found: string[] = [];
    while (Number(slider.value) < Number(slider.max)) {
      const before = slider.value;
      const press = () =>
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
      press();
      // A question, which may still be on its way, holds the step until it is answered.
      for (
        const from = performance.now();
        slider.value === before && performance.now() - from < 30_000;
        await frame()
      ) {
        const skip = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Skip');
        if (skip === undefined) continue;
        skip.click();
        await frame();
        press();
      }
      if (slider.value === before) return [...found, `step ${before} does not end`];
      await frame();
      await frame();
      const card = [...document.querySelectorAll('footer [role="group"], footer [role="status"]')]
        .map((one) => one.getBoundingClientRect())
        .find(({ width }) => width > 300);
      for (const picture of document.querySelectorAll('main .picture')) {
        const pane = picture.parentElement!.parentElement!.getBoundingClientRect();
        if (pane.width === 0) continue;
        const over = card !== undefined && card.left < pane.right && card.right > pane.left ? card.top : Infinity;
        const bottom = Math.min(pane.bottom, innerHeight, over);
        const top = Math.max(pane.top, 0);
        const marks = [
          ...picture.querySelectorAll('rect[data-key]:not([data-key*="~"]):not([data-mark="same"]), rect.bright'),
        ].map((mark) => ({ key: mark.getAttribute('data-key'), box: mark.getBoundingClientRect() }));
        const hidden = marks.filter(
          ({ box }) => Math.min(box.bottom, bottom) - Math.max(box.y, top) < Math.min(box.height - 1, 23),
        );
        // Where all of them have no room at once, most of them are shown.
        const span = Math.max(...marks.map(({ box }) => box.bottom)) - Math.min(...marks.map(({ box }) => box.y));
        if (span + 24 > bottom - top && hidden.length < marks.length / 2) continue;
        for (const { key } of hidden) found.push(`step ${slider.value}: ${picture.className} ${key}`);
      }
    }
    return found;
  });

describe('what changed is in sight after every step, in the real page', () => {
  test.each(Object.keys(PANES))('%s', async (name) => {
    const { rooms, scale } = PANES[name]!;
    const [width, height] = /(\d+)×(\d+)/.exec(name)!.slice(1).map(Number) as [number, number];
    const { page, context } = await visitPage(site, '', { viewport: { width, height } });
    if (scale > 1) await page.keyboard.press('p');
    const show = async (example: string): Promise<void> => {
      await page.evaluate((to) => (location.hash = to), `#ex=${example}`);
      await expect.poll(() => page.locator('input[type="range"]').inputValue()).toBe('0');
    };
    const sizes = (): Promise<Record<string, number[]>> =>
      page.evaluate(() =>
        Object.fromEntries(
          [...document.querySelectorAll('main .picture')]
            .map((one) => [one.className.replace('picture picture-', ''), one.parentElement!.parentElement!] as const)
            .filter(([, pane]) => pane.clientWidth > 0)
            .map(([which, pane]) => [which, [pane.clientWidth, pane.clientHeight]]),
        ),
      );
    const near = (got: number[] | undefined, wanted: readonly [number, number]): boolean =>
      got !== undefined && got.every((n, i) => Math.abs(n - wanted[i]!) <= 3);
    const phone = width < 500;
    for (const example of ['tour', 'fork-small']) {
      await show(example);
      const hidden: string[] = [];
      for (const place of phone ? PLACES : ['']) {
        if (phone) {
          await page
            .getByRole('navigation', { name: 'What is shown' })
            .getByRole('button', { name: new RegExp(`^(${place}|${place === 'Pool' ? 'Frames' : place})$`) })
            .click();
          await page.waitForTimeout(50);
        }
        // The rooms that the layouts are tested in are those that the page has.
        const pooled = example !== 'fork-small';
        const settled = async (): Promise<boolean> =>
          'pool' in (await sizes()) === pooled || (phone && place !== 'Pool');
        await expect.poll(settled).toBe(true);
        await page.waitForTimeout(60);
        const got = await sizes();
        if ('address-space' in got)
          expect(near(got['address-space'], rooms.areas), `areas ${got['address-space']!.join()}`).toBe(true);
        if ('page-tables' in got)
          expect(near(got['page-tables'], rooms.tree), `tree ${got['page-tables']!.join()}`).toBe(true);
        if ('frames' in got)
          expect(near(got.frames, pooled ? rooms.frames : rooms.alone), `frames ${got.frames!.join()}`).toBe(true);
        hidden.push(...(await hiddenAfterSteps(page)));
        await page.keyboard.press('Home');
      }
      expect(hidden, example).toEqual([]);
    }
    await context.close();
  });
});

test('a fork moves no heading and no picture: the process is chosen in the heading', async () => {
  const { page, context } = await visitPage(site, '#ex=fork-small');
  const places = (): Promise<string> =>
    page.evaluate(() =>
      [...document.querySelectorAll('main h2, main .picture')]
        .map((one) => Math.round(one.getBoundingClientRect().top))
        .join(),
    );
  await page.keyboard.press('2');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('input[type="range"]').inputValue()).toBe('2');
  const before = await places();
  const tops = before.split(',').map(Number);
  // Headings of panes that begin at one height stand at one height.
  expect(
    new Set(
      await page.evaluate(() =>
        [...document.querySelectorAll('main h2')].slice(0, 4).map((one) => Math.round(one.getBoundingClientRect().top)),
      ),
    ).size,
  ).toBe(1);
  expect(tops.length).toBeGreaterThan(5);
  await page.keyboard.press('ArrowRight');
  await page.locator('.picture-wall').waitFor();
  await page.getByRole('button', { name: 'Close the wall' }).click();
  await page.locator('.picture-address-space').waitFor();
  expect(await page.getByRole('combobox', { name: 'process 1' }).count()).toBe(2);
  expect(await places()).toBe(before);
  await context.close();
});

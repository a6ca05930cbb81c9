import type { Page } from 'playwright-core';
import { STOPS } from '../../src/app/history-tour/stops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atStep, stepsOf, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const open = async (page: Page, tab: string): Promise<void> => {
  await page.getByRole('button', { name: 'Argument', exact: true }).click();
  await page.getByRole('tab', { name: tab }).click();
};
const lamp = (page: Page) => page.getByText('books do not balance');

describe('the argument', () => {
  test('tells every design, and runs the scenario under the one that is chosen', async () => {
    const { page, problems, context } = await visitPage(site);
    await open(page, 'The designs');
    expect(await page.getByRole('article').count()).toBe(9);
    await page.getByRole('article', { name: 'table' }).getByRole('button').click();
    await expect
      .poll(() => page.getByRole('article', { name: 'table' }).getByRole('button').textContent())
      .toBe('runs');
    await page.keyboard.press('Escape');
    expect(problems).toEqual([]);
    await context.close();
  });

  test('compares two designs step by step with the keyboard alone', async () => {
    const { page, problems, context } = await visitPage(site);
    const n = await stepsOf(page);
    await page.keyboard.press('c');
    await page.getByRole('region', { name: 'Side by side' }).waitFor();
    for (let k = 1; k <= n; k++) {
      await page.keyboard.press('Shift+ArrowRight');
      await atStep(page, k);
    }
    await page.keyboard.press('Shift+ArrowLeft');
    await atStep(page, n - 1);
    for (const under of ['ops', 'flag'])
      expect(await page.getByRole('region', { name: `Path under ${under}` }).isVisible()).toBe(true);
    await open(page, 'Differences');
    await expect.poll(() => page.getByRole('status').filter({ hasText: 'under flag' }).count()).toBeGreaterThan(0);
    expect(await page.getByText('the same at every step').isVisible()).toBe(true);
    await page.getByRole('list', { name: 'Differences' }).getByRole('button').first().click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('puts 2007 beside today', async () => {
    const { page, problems, context } = await visitPage(site);
    await open(page, 'Differences');
    await page.getByRole('button', { name: '2007 beside today' }).click();
    await page.getByText('by the rules of 2.6.20').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Path under ops by 2.6.20' }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  test('keeps a ledger that is read as a table and copied', async () => {
    const { page, problems, context } = await visitPage(site);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open(page, 'The ledger');
    const table = page.getByRole('table', { name: /^Counted over/ });
    await table.waitFor();
    expect(await table.getByRole('rowheader').allTextContents()).toContain('ops-always');
    const cell = (design: string, column: number) =>
      table
        .getByRole('row', { name: new RegExp(`^${design} `) })
        .getByRole('cell')
        .nth(column)
        .textContent();
    // Ordinary mappings: under ops every question is a load, under flag a test; asked as often.
    expect(await cell('ops', 0)).toBe(await cell('flag', 0));
    expect([await cell('core', 1), await cell('flag', 2)]).toEqual(['0', '0']);
    // The sites that nobody converted test the flag under ops as well.
    expect(Number(await cell('ops', 1))).toBeLessThan(Number(await cell('flag', 1)));
    await page.getByRole('button', { name: 'Copy' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    // A line for each design that the table names, and its head.
    expect(copied.split('\n').length).toBe((await table.getByRole('rowheader').count()) + 1);
    expect(await page.getByRole('table', { name: /KernBench/ }).isVisible()).toBe(true);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('puts a driver on the bench, and the lamp names what it breaks', async () => {
    const { page, problems, context } = await visitPage(site);
    await open(page, 'The drivers’ bench');
    await page.getByRole('radiogroup', { name: 'unmap_page_range' }).getByLabel('a wrong one').check();
    expect(await page.getByText('/dev/bench-rrrrwr').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Run a life of it' }).first().click();
    await expect.poll(() => page.getByText('On the bench: unmap_page_range wrong').count()).toBeGreaterThan(0);
    await page.keyboard.press('End');
    await lamp(page).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('first broken');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByText(/madvise\(d \+ 2112K/).count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe('the history', () => {
  test('is told from the first stop to the last', { timeout: 150_000 }, async () => {
    const { page, problems, context } = await visitPage(site);
    await open(page, 'The designs');
    await page.getByRole('button', { name: 'The argument, told stop by stop' }).click();
    const tour = page.getByRole('region', { name: 'The argument, told' });
    for (let stop = 1; stop <= STOPS.length; stop++) {
      await expect
        .poll(() => tour.getByText(/^Stop \d+ of \d+$/).textContent())
        .toBe(`Stop ${stop} of ${STOPS.length}`);
      const title = await tour.getByRole('heading').textContent();
      const next = tour.getByRole('button', { name: 'Next stop' });
      expect(await next.or(tour.getByRole('button', { name: 'End' })).isEnabled(), title!).toBe(stop === STOPS.length);
      await tour.getByRole('group', { name: 'Decide before you go on' }).getByRole('button').first().click();
      await tour.getByRole('status').waitFor();
      // The stop's own operations run to their end.
      await expect.poll(() => stepsOf(page), { message: title! }).toBeGreaterThan(2);
      await page.keyboard.press('Escape');
      await page.keyboard.press('End');
      await atStep(page, await stepsOf(page));
      if (stop < STOPS.length) await next.click();
    }
    await tour.getByRole('button', { name: 'End' }).click();
    await expect.poll(() => tour.count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });
});

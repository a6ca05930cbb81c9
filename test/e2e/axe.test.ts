import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atStep, visitPage } from './person';
import { openSite, type Site } from './site';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const EVERYTHING = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds in each theme, in one line each. Themes differ in colours only, so the later ones are asked for those. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: string[] = [];
  for (const theme of ['light', 'dark', 'projector']) {
    await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme);
    const { violations } = await page.evaluate(
      (runOnly) => (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ runOnly }),
      theme === 'light' ? EVERYTHING : ['color-contrast'],
    );
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        found.push(`${theme}: ${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim() ?? ''}`);
  }
  return found;
}

const STATES: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'at the start': () => Promise.resolve(),
  'after some steps': async (page) => {
    for (let k = 1; k <= 4; k++) {
      await page.keyboard.press('ArrowRight');
      await atStep(page, k);
    }
  },
  'as text': (page) => page.keyboard.press('t'),
  'inside an operation': async (page) => {
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
    await atStep(page, 3);
    await page.getByLabel('Grain of a step').selectOption('event');
    await page.locator('body').press('ArrowRight');
    await page.getByText(/^event \d+ of/).waitFor();
  },
  'the design source': (page) => page.getByRole('tab', { name: 'Design' }).click(),
  '/proc': async (page) => {
    await page.getByRole('tab', { name: '/proc' }).click();
    await page.getByRole('region', { name: /^\/proc\// }).waitFor();
  },
  'the selection': (page) => page.getByRole('tab', { name: 'Selection' }).click(),
  editing: (page) => page.getByRole('button', { name: 'Edit the text' }).click(),
  'a form': (page) => page.getByRole('button', { name: 'mmap', exact: true }).click(),
  'the menu': (page) => page.getByRole('button', { name: 'Menu' }).click(),
  'the keys': (page) => page.keyboard.press('?'),
  'the command box': (page) => page.keyboard.press('/'),
  'the library': (page) => page.getByRole('button', { name: 'Scenarios' }).click(),
  ...Object.fromEntries(
    ['The designs', 'Differences', 'The ledger', 'The drivers’ bench', 'Translation cache'].map((tab) => [
      `the argument: ${tab}`,
      async (page: Page) => {
        await page.getByRole('button', { name: 'Argument', exact: true }).click();
        await page.getByRole('tab', { name: tab }).click();
        if (tab === 'The ledger') await page.getByRole('table').first().waitFor();
      },
    ]),
  ),
  'the told history': async (page) => {
    await page.getByRole('button', { name: 'Argument', exact: true }).click();
    await page.getByRole('button', { name: /told stop by stop/ }).click();
    await page
      .getByRole('region', { name: 'The argument, told' })
      .getByRole('group')
      .getByRole('button')
      .first()
      .click();
  },
  'kept work': async (page) => {
    await page.keyboard.press('/');
    await page.keyboard.type('pool(3)\n');
    await atStep(page, 1);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: /^Kept work/ }).click();
    await page.getByRole('listitem').filter({ hasText: 'on this page now' }).waitFor();
  },
  'the licences': async (page) => {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Licences' }).click();
    await page.getByRole('region', { name: 'Texts of the licences' }).waitFor();
  },
  'the share dialog': (page) => page.getByRole('button', { name: 'Share', exact: true }).click(),
  'side by side': async (page) => {
    await page.keyboard.press('c');
    await page.getByRole('region', { name: 'Side by side' }).waitFor();
  },
  'the wall of two processes': async (page) => {
    await page.keyboard.press('9');
    await page.keyboard.press('Enter');
    await atStep(page, 9);
    await page.locator('body').press('w');
    await page.locator('.picture-wall svg').waitFor();
  },
  'the wall as text': async (page) => {
    await page.keyboard.press('8');
    await page.keyboard.press('Enter');
    await atStep(page, 8);
    await page.getByRole('button', { name: /^As text: The memory of/ }).click();
    await page.getByRole('tree', { name: 'process 1 and child' }).waitFor();
  },
  'more about a moment': async (page) => {
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('m');
    await page.getByRole('region', { name: 'More about this moment' }).waitFor();
  },
  'a question on its card': async (page) => {
    await page.evaluate(() => (location.hash = '#ex=first-fault'));
    await page.getByText('What the first fault builds').first().waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('group', { name: 'What will happen?' }).waitFor();
  },
  'an answer that is pointed at': (page) => page.getByRole('button', { name: 'flag', exact: true }).focus(),
  presenting: async (page) => {
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Leave' }).waitFor();
  },
};

describe('axe finds nothing in any theme', () => {
  test.each(Object.keys(STATES))('%s', async (state) => {
    const { page, context } = await visitPage(site);
    await STATES[state]!(page);
    await page.waitForTimeout(150);
    expect(await findings(page)).toEqual([]);
    await context.close();
  });
});

test('axe finds nothing on a small screen', async () => {
  const { page, context } = await visitPage(site, '', { viewport: { width: 390, height: 844 } });
  for (const place of ['Scenario', 'Tables', 'Pool', 'Behind', 'Addresses']) {
    await page.getByRole('navigation', { name: 'What is shown' }).getByRole('button', { name: place }).click();
    expect(await findings(page), place).toEqual([]);
  }
  await context.close();
});

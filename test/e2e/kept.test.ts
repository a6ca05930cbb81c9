import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addByForm, atStep, lines, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite(process.env.SITE_ROOT);
});
afterAll(() => site.close());

const ready = (page: Page) => page.locator('.picture-address-space svg').first().waitFor();
const textOf = async (page: Page) => (await lines(page)).join('\n');
async function shows(page: Page, text: string): Promise<void> {
  await expect.poll(() => textOf(page)).toContain(text);
}
const hashOf = (page: Page) => new URL(page.url()).hash;

async function newTab(context: BrowserContext, hash = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url + hash);
  await ready(page);
  return page;
}

/** The page's process ends at once: nothing of it runs any more. */
async function crash(page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  client.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

/** The dialog that lists what is kept, opened by the menu. */
async function keptDialog(page: Page) {
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: /^Kept work/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Kept work' });
  await dialog.getByRole('listitem').first().waitFor();
  return dialog;
}

/** localStorage has no room left, and from now on nothing else has. */
async function fill(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (let size = 1 << 22; size >= 1; size >>= 1) {
      for (let i = 0; ; i++) {
        try {
          localStorage.setItem(`other.${size}.${i}`, 'x'.repeat(size));
        } catch {
          break;
        }
      }
    }
  });
  const client = await page.context().newCDPSession(page);
  await client.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 1 });
}

describe('work is never lost', () => {
  test('when the tab crashes right after a key press, and right after a reload', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '5' });
    await crash(page);
    const second = await newTab(context);
    await shows(second, 'pool(5)');
    await second.reload();
    await ready(second);
    await shows(second, 'pool(5)');
    await crash(second);
    const third = await newTab(context);
    await shows(third, 'pool(5)');
    await context.close();
  });

  test('when a very large text is changed beside it', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '31' });
    const large = await newTab(context, '#ex=zero-page');
    const text = `title: Large\npool(2)\n${'# a line that says nothing, but says it at length\n'.repeat(12_000)}`;
    expect(text.length).toBeGreaterThan(500_000);
    await large
      .locator('input[type=file]')
      .setInputFiles({ name: 'large.mm', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await shows(large, 'pool(2)');
    for (let k = 0; k < 3; k++) await addByForm(large, 'pool', { nr_hugepages: '32' });
    await large.waitForTimeout(700);
    await crash(large);
    await crash(page);
    const later = await newTab(context, '#ex=zero-page');
    const dialog = await keptDialog(later);
    const items = await dialog.getByRole('listitem').allTextContents();
    expect(items.length).toBe(2);
    expect(items[0]).toMatch(/Large.*12,00\d lines/);
    await dialog.getByRole('button', { name: /^Open: Large/ }).click();
    await expect.poll(async () => (await textOf(later)).match(/pool\(32\)/g)?.length).toBe(3);
    await context.close();
  });

  test('when there is no room: the address stays, the person is told, and the page does not close without a question', async () => {
    const { page, context } = await visitPage(site, '#ex=zero-page');
    await fill(page);
    await addByForm(page, 'pool', { nr_hugepages: '6' });
    await page.getByText(/has no room left for this site.*Save the scenario as a file/).waitFor();
    expect(hashOf(page)).toBe('#ex=zero-page');
    await addByForm(page, 'pool', { nr_hugepages: '7' });
    await page.waitForTimeout(300);
    expect(await page.getByText(/has no room left/).count()).toBe(1);
    const asked = new Promise<string>((resolve) => {
      page.once('dialog', (dialog) => {
        resolve(dialog.type());
        void dialog.dismiss();
      });
    });
    await page.close({ runBeforeUnload: true });
    expect(await asked).toBe('beforeunload');
    await shows(page, 'pool(7)');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.mm$/);
    // Another scenario in its place: this page still holds it, and says so.
    await page.getByRole('button', { name: 'Scenarios' }).click();
    await page
      .getByRole('dialog', { name: 'Scenarios' })
      .getByRole('button', { name: /^Reading before writing/ })
      .first()
      .click();
    await expect.poll(() => textOf(page)).not.toContain('pool(7)');
    const dialog = await keptDialog(page);
    await dialog.getByText('only in this page, until it is closed').waitFor();
    await dialog.getByRole('button', { name: /^Open: / }).click();
    await shows(page, 'pool(7)');
    await context.close();
  });

  test('when nothing may be kept', async () => {
    const { page, context } = await visitPage(site, '', {});
    await context.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('no', 'SecurityError');
          },
        });
      Object.defineProperty(navigator, 'locks', { value: undefined });
    });
    await page.goto('about:blank');
    await page.goto(`${site.url}#ex=zero-page`);
    await ready(page);
    await addByForm(page, 'pool', { nr_hugepages: '6' });
    await page.getByText(/keeps nothing for this page \(a private window or its settings forbid it\)/).waitFor();
    expect(hashOf(page)).toBe('#ex=zero-page');
    await context.close();
  });

  test('when the tab is copied: each has its own from then on', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '41' });
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(() => void window.open(location.href)),
    ]);
    await ready(copy);
    await shows(copy, 'pool(41)');
    await addByForm(copy, 'pool', { nr_hugepages: '42' });
    await addByForm(page, 'pool', { nr_hugepages: '43' });
    await Promise.all([page.reload(), copy.reload()]);
    await Promise.all([ready(page), ready(copy)]);
    await shows(page, 'pool(43)');
    await shows(copy, 'pool(42)');
    expect(await textOf(page)).not.toContain('pool(42)');
    expect(await textOf(copy)).not.toContain('pool(43)');
    await context.close();
  });

  test('when a link cannot be opened', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '51' });
    for (const hash of ['#s=9', '#1.broken', '#ex=nothing', '#1.']) {
      await page.goto('about:blank');
      await page.goto(site.url + hash);
      const dialog = page.getByRole('dialog', { name: 'This link cannot be opened' });
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('What you worked on last time is kept.').waitFor();
    }
    await page.getByRole('button', { name: 'Take it back' }).click();
    await shows(page, 'pool(51)');
    await page.evaluate(() => (location.hash = '#s=9'));
    await page.getByRole('dialog', { name: 'This link cannot be opened' }).waitFor();
    await page.keyboard.press('Escape');
    await shows(page, 'pool(51)');
    expect(hashOf(page)).toBe('');
    await page.reload();
    await ready(page);
    await shows(page, 'pool(51)');
    await context.close();
  });

  test('when the changes are undone: the address says again what it was opened as', async () => {
    const { page, context } = await visitPage(site, '#ex=zero-page');
    await addByForm(page, 'pool', { nr_hugepages: '61' });
    await expect.poll(() => hashOf(page)).toBe('');
    await page.keyboard.press('Control+z');
    await expect.poll(() => hashOf(page)).toBe('#ex=zero-page');
    await context.close();
  });
});

test('after a step back, and forth, the address and the page agree', async () => {
  const { page, context } = await visitPage(site, '#ex=zero-page');
  const zero = await textOf(page);
  await page.getByRole('button', { name: 'Scenarios' }).click();
  const library = page.getByRole('dialog', { name: 'Scenarios' });
  await library.getByRole('button', { name: /^fork and copy on write The/ }).click();
  await expect.poll(() => hashOf(page)).toBe('#ex=fork-small');
  await shows(page, 'fork()');
  await addByForm(page, 'pool', { nr_hugepages: '71' });
  await expect.poll(() => hashOf(page)).toBe('');
  await page.evaluate(() => (location.hash = '#ex=moving'));
  await shows(page, 'mremap(');
  const third = await textOf(page);
  await page.goBack();
  await shows(page, 'pool(71)');
  expect(hashOf(page)).toBe('');
  await page.goBack();
  await expect.poll(() => textOf(page)).toBe(zero);
  expect(hashOf(page)).toBe('#ex=zero-page');
  await page.goForward();
  await shows(page, 'pool(71)');
  await page.goForward();
  await expect.poll(() => textOf(page)).toBe(third);
  expect(hashOf(page)).toBe('#ex=moving');
  await page.goBack();
  await shows(page, 'pool(71)');
  await page.reload();
  await ready(page);
  await shows(page, 'pool(71)');
  await context.close();
});

test('what is kept is listed with its date, opened, saved, deleted and put back', async () => {
  const { page, context } = await visitPage(site);
  await addByForm(page, 'pool', { nr_hugepages: '81' });
  const other = await newTab(context, '#ex=zero-page');
  await addByForm(other, 'pool', { nr_hugepages: '82' });
  const here = await newTab(context, '#ex=two-endings');
  let dialog = await keptDialog(here);
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(2);
  await expect.poll(() => dialog.getByText('open in another tab').count()).toBe(2);
  expect(await dialog.getByText(/lines, [\d,]+ characters, \w+ \d+, \d{4}, \d+:\d\d/).count()).toBe(2);
  await dialog
    .getByRole('button', { name: /^Open a copy/ })
    .first()
    .click();
  await shows(here, 'pool(82)');
  await other.close();
  dialog = await keptDialog(here);
  await dialog.getByText('on this page now').waitFor();
  const [file] = await Promise.all([
    here.waitForEvent('download'),
    dialog
      .getByRole('button', { name: /^Save as a file/ })
      .last()
      .click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.mm$/);
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(3);
  await dialog.getByRole('button', { name: /^Delete: / }).click();
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(2);
  await dialog.getByRole('button', { name: 'Put it back' }).click();
  await expect.poll(() => dialog.getByRole('listitem').count()).toBe(3);
  await context.close();
});

test('twelve quick key presses end at twelve', async () => {
  const { page, context } = await visitPage(site, '#ex=moving');
  await atStep(page, 0);
  await page.evaluate(() => {
    for (let i = 0; i < 12; i++)
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  });
  await atStep(page, 12);
  await context.close();
});

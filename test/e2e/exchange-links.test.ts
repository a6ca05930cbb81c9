import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeLink, encodeLink } from '../../src/share/link';
import { addByForm, atStep, drawn, lines, stepOf, stepsOf, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The link of the share dialog, at the step shown. The dialog is closed again. */
async function linkOf(page: Page, where: 'at this step' | 'at the start' = 'at this step'): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('textbox', { name: 'Link' }).waitFor();
  await dialog.getByLabel(where).check();
  const url = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return url;
}

const badLink = (page: Page) => page.getByRole('dialog', { name: 'This link cannot be opened' });

describe('a link', () => {
  test('opens in a fresh profile at the same moment with the same pictures, and says what the run comes to', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '12' });
    await page.getByRole('button', { name: 'Last step' }).click();
    await atStep(page, await stepsOf(page));
    await page.getByRole('button', { name: 'Back one step' }).click();
    const k = (await stepsOf(page)) - 1;
    await atStep(page, k);
    const url = await linkOf(page);
    expect(new URL(url).hash).toMatch(/^#[\w.&=-]+$/);
    expect(new URL(url).hash).toContain(`&s=${k}`);
    const link = decodeLink(new URL(url).hash);
    expect(link.ok && link.value.fingerprint).toBeGreaterThan(0);
    const text = await lines(page);
    const picture = await drawn(page);
    await context.close();

    const fresh = await visitPage(site, new URL(url).hash);
    await atStep(fresh.page, k);
    expect(await lines(fresh.page)).toEqual(text);
    expect(await drawn(fresh.page)).toBe(picture);
    // The run is held to its end, which is the one that it was made with: nothing is said.
    await fresh.page.waitForTimeout(500);
    expect(await fresh.page.getByRole('dialog').count()).toBe(0);
    expect(fresh.page.url()).toBe(site.url + new URL(url).hash);
    expect(fresh.problems).toEqual([]);
    await fresh.context.close();
  });

  test('at the start opens before the first step', async () => {
    const { page, context } = await visitPage(site);
    await page.getByRole('button', { name: 'Last step' }).click();
    await atStep(page, await stepsOf(page));
    const url = await linkOf(page, 'at the start');
    await page.goto('about:blank');
    await page.goto(url);
    await page.locator('.picture-address-space svg').waitFor();
    await atStep(page, 0);
    await context.close();
  });

  test('carries the design and the comparison', async () => {
    const { page, context } = await visitPage(site);
    await page.getByRole('button', { name: 'side by side' }).click();
    await page.getByRole('region', { name: 'Side by side' }).waitFor();
    const url = await linkOf(page);
    await page.goto('about:blank');
    await page.goto(url);
    await page.getByRole('region', { name: 'Side by side' }).waitFor();
    await context.close();
  });

  test('is copied as Markdown and as a frame, and drawn as a QR code', async () => {
    const { page, context } = await visitPage(site, '', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    const url = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
    const copied = async (name: string) => {
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.getByText(`${name} copied.`).waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('Link')).toBe(url);
    expect(await copied('Markdown')).toMatch(/^\[[^\]]+\]\(.*\)$/);
    await dialog.getByText('A frame for a course page').click();
    expect(await copied('Frame')).toMatch(/^<iframe title="[^"]+" src="[^"]+embed=1[^"]*"/);
    const code = dialog.getByRole('img', { name: 'QR code of the link' });
    expect((await code.locator('path').getAttribute('d'))!.length).toBeGreaterThan(5000);
    await dialog.getByText(/^\d+ characters: fits (a QR code|chat)/).waitFor();
    await context.close();
  });

  test('whose run ends otherwise than it said is opened, and the difference told', async () => {
    const { page, context } = await visitPage(site);
    const url = await linkOf(page);
    await page.goto('about:blank');
    // A fingerprint of another state, with a check that fits: as from a version that ran an operation otherwise.
    const link = decodeLink(new URL(url).hash);
    if (!link.ok) throw new Error(link.error.message);
    const made = encodeLink(link.value.text, (link.value.fingerprint! + 1) % 0xfffff, link.value.view);
    if (!made.ok) throw new Error(made.error.message);
    await page.goto(`${site.url}#${made.value}`);
    const dialog = page.getByRole('dialog', { name: 'This run now ends otherwise' });
    await dialog.getByText(/ended in another state/).waitFor();
    await dialog.getByRole('button', { name: 'Go on with it' }).click();
    expect((await lines(page)).join('\n')).toContain('mmap(');
    await context.close();
  });

  test('put into the address of an open page puts unsaved work aside, which can be taken back', async () => {
    const { page, context } = await visitPage(site);
    const url = await linkOf(page);
    await addByForm(page, 'pool', { nr_hugepages: '7' });
    await page.evaluate((hash) => {
      location.hash = hash;
    }, new URL(url).hash);
    await page.getByText('Your changed scenario was put aside.').waitFor();
    await expect.poll(async () => (await lines(page)).join('\n')).not.toContain('pool(7)');
    await page.getByRole('button', { name: 'Take it back' }).click();
    await expect.poll(async () => (await lines(page)).join('\n')).toContain('pool(7)');
    await context.close();
  });

  test('of the library opens by its name, and an unknown name is explained', async () => {
    const { page, context } = await visitPage(site, '#ex=fork-small&s=2');
    await atStep(page, 2);
    await page.goto('about:blank');
    await page.goto(`${site.url}#ex=fork-smal`);
    await badLink(page)
      .getByText(/no scenario called “fork-smal”/)
      .waitFor();
    await context.close();
  });
});

describe('a link that is no longer what it was', () => {
  const nothingElse = async (page: Page) => {
    await badLink(page).waitFor();
    const shown = await page.getByRole('list', { name: 'Lines of the scenario' }).locator('li code').allTextContents();
    expect(shown.join('').trim()).toBe('');
  };

  test('is explained wherever it was cut, and nothing else stands in its place', async () => {
    const { page, context } = await visitPage(site);
    const { hash } = new URL(await linkOf(page, 'at the start'));
    const [payload] = hash.split('&');
    const lengths = [2, 3, 4, 8, 20, Math.floor(payload.length / 2), payload.length - 30, payload.length - 5];
    for (const length of [...lengths, payload.length - 1]) {
      await page.goto('about:blank');
      await page.goto(site.url + payload.slice(0, length));
      await nothingElse(page);
    }
    await context.close();
  });

  test('offers what could be read, to save or to open', async () => {
    const { page, context } = await visitPage(site);
    const { hash } = new URL(await linkOf(page, 'at the start'));
    await page.goto('about:blank');
    await page.goto(site.url + hash.slice(0, Math.floor(hash.length * 0.7)));
    await nothingElse(page);
    const dialog = badLink(page);
    const read = (await dialog.getByRole('region', { name: 'What could be read' }).textContent())!;
    expect(read).toContain('pool(');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save it as a file' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('recovered.mm');
    await dialog.getByRole('button', { name: 'Open what could be read' }).click();
    await expect.poll(async () => (await lines(page)).join('\n')).toContain('pool(');
    await context.close();
  });

  test('altered, newer, huge or no link at all is explained', async () => {
    const { page, context, problems } = await visitPage(site);
    const { hash } = new URL(await linkOf(page, 'at the start'));
    const middle = Math.floor(hash.length / 2);
    const altered = hash.slice(0, middle) + (hash[middle] === 'A' ? 'B' : 'A') + hash.slice(middle + 1);
    for (const [bad, why] of [
      [altered, /altered/],
      [hash.replace(/^#1\./, '#2.'), /newer mmscope/],
      [`#1.${'A'.repeat(500_000)}.AAAAAAAAAAAAA`, /larger than|altered|cut short/],
      ['#%3Cscript%3Ealert(1)%3C/script%3E', /not a link of mmscope/],
    ] as const) {
      await page.goto('about:blank');
      await page.goto(site.url + bad);
      await nothingElse(page);
      await badLink(page).getByText(why).first().waitFor();
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test('leaves unsaved work of an open page where it is', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '9' });
    const k = await stepOf(page);
    await page.evaluate(() => {
      location.hash = '1.broken';
    });
    await badLink(page).waitFor();
    await page.keyboard.press('Escape');
    expect((await lines(page)).join('\n')).toContain('pool(9)');
    expect(await stepOf(page)).toBe(k);
    await context.close();
  });
});

test('work of two tabs is kept apart, and both are there later', async () => {
  const { page, context } = await visitPage(site);
  const keptTexts = () => page.evaluate(() => JSON.stringify(Object.values({ ...localStorage })));
  await addByForm(page, 'pool', { nr_hugepages: '31' });
  await expect.poll(keptTexts).toContain('pool(31)');
  const second = await context.newPage();
  await second.goto(`${site.url}#ex=zero-page`);
  await second.locator('.picture-address-space svg').waitFor();
  await addByForm(second, 'pool', { nr_hugepages: '32' });
  await expect.poll(keptTexts).toContain('pool(32)');
  expect(await keptTexts()).toContain('pool(31)');
  // The address no longer says what the page shows: a reload brings the work back, not what it began as.
  expect(new URL(second.url()).hash).toBe('');
  await context.close();
});

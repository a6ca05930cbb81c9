import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atStep, hashOf, stepBox, stepsOf, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const TEXT = `title: Nine steps
pool(4)
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0)
write(a)
write(a + 2M)
write(a + 4M)
munmap(a, 2M)
b = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
write(b)
munmap(b, 64K)
`;

/** A course's page with frames in it, on the same server: what frames share, they would share here. */
async function coursePage(page: Page, hashes: readonly string[]): Promise<FrameLocator[]> {
  const lesson = new URL('/lesson.html', site.url).href;
  await page.route(lesson, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Course</title><body style="margin:0"><button>A button of the course</button>${hashes
        .map((hash, i) => `<iframe title="frame ${i}" src="${site.url}${hash}" width="900" height="340"></iframe>`)
        .join('')}`,
    }),
  );
  await page.goto(lesson);
  return hashes.map((_, i) => page.frameLocator(`iframe[title="frame ${i}"]`));
}

const boxOf = (frame: FrameLocator) => frame.getByRole('textbox', { name: /^Step, 0 to/ });
async function at(frame: FrameLocator, k: number): Promise<void> {
  const step = (): Promise<string> => boxOf(frame).inputValue();
  await expect.poll(step, { timeout: 10_000 }).toBe(String(k));
}

describe('a frame', () => {
  test('shows only its panes, keeps to its steps and theme, and leads to the whole page', async () => {
    const hash = hashOf(TEXT, { embed: '1', panes: 'space.pool', steps: '2-4', theme: 'dark' });
    const { page, context, problems } = await visitPage(site, hash);
    await atStep(page, 2);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    expect(await page.getByRole('region', { name: /^Page tables/ }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Scenario' }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Huge-page pool' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Menu' }).count()).toBe(0);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nine steps');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await page.waitForTimeout(200);
    await atStep(page, 2);
    await page.keyboard.press('End');
    await atStep(page, 4);
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(200);
    await atStep(page, 4);
    await stepBox(page).fill('9');
    await stepBox(page).press('Enter');
    await page.waitForTimeout(200);
    await atStep(page, 4);
    const open = page.getByRole('link', { name: 'Open in mmscope' });
    await expect.poll(() => open.getAttribute('href')).toMatch(/&s=4$/);
    expect(await open.getAttribute('href')).not.toContain('embed');
    expect(await page.evaluate(() => Object.keys({ ...localStorage }))).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('beside another shares neither keys nor storage with it, and its address stays', async () => {
    const context = await site.browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1000, height: 800 } });
    const page = await context.newPage();
    const hash = hashOf(TEXT, { embed: '1' });
    const [one, two] = await coursePage(page, [hash, hash]);
    await at(one, 0);
    await at(two, 0);
    await one.getByRole('button', { name: 'On one step' }).click();
    await at(one, 1);
    await page.keyboard.press('ArrowRight');
    await at(one, 2);
    expect(await boxOf(two).inputValue()).toBe('0');
    await page.getByRole('button', { name: 'A button of the course' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(200);
    expect(await boxOf(one).inputValue()).toBe('2');
    expect(await boxOf(two).inputValue()).toBe('0');
    for (const frame of page.frames().slice(1)) {
      expect(frame.url()).toBe(site.url + hash);
      expect(await frame.evaluate(() => Object.keys({ ...localStorage }))).toEqual([]);
    }
    await context.close();
  });

  test('works where storage throws', async () => {
    const context = await site.browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1000, height: 800 } });
    await context.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('no', 'SecurityError');
          },
        });
    });
    const page = await context.newPage();
    const [frame] = await coursePage(page, [hashOf(TEXT, { embed: '1', keys: '0' })]);
    await at(frame, 0);
    await frame.getByRole('button', { name: 'On one step' }).click();
    await at(frame, 1);
    // Single letters are off: nothing is blanked. Arrows are no letters.
    await page.keyboard.press('b');
    await page.keyboard.press('ArrowRight');
    await at(frame, 2);
    expect(await frame.getByRole('button', { name: /^Blank screen/ }).count()).toBe(0);
    await context.close();
  });
});

describe('a question', () => {
  const ASKED = `pool(1)
a = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0)
predict "Who asks for one more gets" | a page | ENOMEM* | SIGBUS
b = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0)
write(a)
`;
  const question = (page: Page) => page.getByRole('group', { name: 'What will happen?' });

  test('holds the next step until it is answered, and tells what was right only after it', async () => {
    const { page, context } = await visitPage(site, hashOf(ASKED, {}));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await atStep(page, 2);
    await question(page).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('The next step waits for your answer.').waitFor();
    await page.waitForTimeout(200);
    await atStep(page, 2);
    await question(page).getByRole('button', { name: 'a page' }).click();
    expect(await page.getByText(/You predicted/).count()).toBe(0);
    await question(page).getByRole('button', { name: 'See' }).click();
    await atStep(page, 3);
    await page.getByText('You predicted “a page”. It is “ENOMEM”.').waitFor();
    await page.keyboard.press('ArrowLeft');
    await atStep(page, 2);
    await question(page).getByRole('button', { name: 'ENOMEM' }).click();
    await page.keyboard.press('PageDown');
    await atStep(page, 3);
    await page.getByText('You predicted “ENOMEM”: right.').waitFor();
    await context.close();
  });

  test('stops play, and can be skipped', async () => {
    const { page, context } = await visitPage(site, hashOf(ASKED, {}));
    await page.getByLabel('Speed of play').selectOption('4');
    await page.getByRole('button', { name: 'Play' }).click();
    await atStep(page, 2);
    await expect.poll(() => page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await page.waitForTimeout(700);
    await atStep(page, 2);
    await question(page).getByRole('button', { name: 'Skip' }).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await atStep(page, await stepsOf(page));
    await context.close();
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addByForm, atStep, drawn, lines, stepBox, stepOf, stepsOf, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const said = (page: Page) => page.getByRole('status', { name: 'What just happened' });

describe('the first scenario', () => {
  test('stands paused before its first step, every picture titled with a sentence', async () => {
    const { page, problems, context } = await visitPage(site);
    await atStep(page, 0);
    for (const title of [/^Address space of/, /^Page tables of/, /^Huge-page pool/, /^Frames/])
      await expect.poll(() => page.getByRole('region', { name: title }).count(), { message: String(title) }).toBe(1);
    await expect.poll(() => page.getByRole('button', { name: 'Play' }).isVisible()).toBe(true);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('is played through, each step with its sentence, to the refusal at its end', async () => {
    const { page, problems, context } = await visitPage(site);
    const n = await stepsOf(page);
    expect(n).toBeGreaterThan(5);
    const sentences = new Set<string>();
    for (let k = 1; k <= n; k++) {
      await page.getByRole('button', { name: 'On one step' }).click();
      await atStep(page, k);
      await expect.poll(() => said(page).textContent()).toMatch(new RegExp(`^Step ${k} of ${n}\\. .{10}`));
      sentences.add((await said(page).textContent())!);
    }
    expect(sentences.size).toBe(n);
    expect(await page.getByRole('button', { name: 'On one step' }).isDisabled()).toBe(true);
    expect(await page.getByText('books balance').isVisible()).toBe(true);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('plays by itself and stops at its end', async () => {
    const { page, context } = await visitPage(site);
    const n = await stepsOf(page);
    await page.clock.install();
    await page.getByRole('button', { name: 'Play' }).click();
    await expect
      .poll(async () => {
        await page.clock.fastForward(10_000);
        return stepOf(page);
      })
      .toBe(n);
    await expect.poll(() => page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await context.close();
  });

  test('shows the same pictures a hundred steps later, forwards and back', async () => {
    const { page, context } = await visitPage(site);
    const n = await stepsOf(page);
    const seen = new Map<number, string>();
    await page.getByLabel('Grain of a step').selectOption('operation');
    for (let k = 1; k <= n; k++) {
      await page.keyboard.press('ArrowRight');
      await atStep(page, k);
      seen.set(k, await drawn(page));
    }
    for (let i = 0, k = n, by = -1; i < 100; i++) {
      if (k + by < 1 || k + by > n) by = -by;
      k += by;
      await page.keyboard.press(by > 0 ? 'ArrowRight' : 'ArrowLeft');
      await atStep(page, k);
    }
    const k = await stepOf(page);
    expect(await drawn(page)).toBe(seen.get(k));
    await context.close();
  });

  test('is stepped through event by event, and the path follows', async () => {
    const { page, context } = await visitPage(site);
    await page.keyboard.press('ArrowRight');
    await atStep(page, 1);
    await page.getByLabel('Grain of a step').selectOption('event');
    await page.keyboard.press('ArrowRight');
    await atStep(page, 2);
    await expect.poll(() => page.getByText(/^event 1 of \d+/).count()).toBe(1);
    const path = page.getByRole('tree', { name: /^Path of/ });
    await expect.poll(() => path.getByRole('treeitem', { selected: true }).count()).toBe(1);
    const first = await path.getByRole('treeitem', { selected: true }).textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => path.getByRole('treeitem', { selected: true }).textContent()).not.toBe(first);
    await context.close();
  });
});

describe('an operation', () => {
  test('of each kind is issued by its form', async () => {
    const { page, problems, context } = await visitPage(site);
    await page.getByRole('button', { name: 'Last step' }).click();
    await atStep(page, await stepsOf(page));
    await addByForm(page, 'pool', { nr_hugepages: '16' });
    await addByForm(page, 'mmap', { 'call it': 'z', length: '8M', pages: '2 MiB from the pool' });
    await addByForm(page, 'write', { address: 'z' });
    await addByForm(page, 'read', { address: 'z + 2M' });
    await addByForm(page, 'mprotect', { address: 'z', length: '2M' });
    await addByForm(page, 'madvise', { address: 'z', length: '2M', advice: 'MADV_DONTNEED' });
    await addByForm(page, 'munmap', { address: 'z', length: '2M' });
    await addByForm(page, 'mremap', { 'call it': 'y', from: 'z + 4M', 'old length': '4M', 'new length': '2M' });
    await addByForm(page, 'fork', { 'call it': 'kid' });
    await addByForm(page, 'exit', { process: 'kid' });
    const written = (await lines(page)).slice(-11).join('\n');
    for (const call of [
      'pool(16)',
      'z = mmap(',
      'write(z)',
      'read(z + 2M)',
      'mprotect(',
      'madvise(',
      'munmap(',
      'y = mremap(',
      'kid = fork()',
      'kid: exit()',
    ])
      expect(written).toContain(call);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('is issued as text, and what is wrong is told with line, column and mend', async () => {
    const { page, context } = await visitPage(site);
    const n = await stepsOf(page);
    await page.getByRole('button', { name: 'Edit the text' }).click();
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('wirte(a)\n');
    const findings = page.getByRole('list', { name: 'What is wrong in the scenario' });
    await expect.poll(() => findings.textContent()).toMatch(/line \d+, column 1/);
    await findings.getByRole('button', { name: 'Write write' }).click();
    await expect.poll(() => findings.count()).toBe(0);
    await expect.poll(() => stepsOf(page)).toBe(n + 1);
    await page.getByRole('button', { name: 'Done editing' }).click();
    expect((await lines(page)).join('\n')).toContain('write(a)\n');
    await context.close();
  });

  test('is issued on the picture: the menu of an area offers what can be done to it', async () => {
    const { page, context } = await visitPage(site);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await atStep(page, 2);
    const picture = page.locator('.picture-address-space');
    const name = picture.locator('text', { hasText: /^a$/ });
    const box = (await name.boundingBox())!;
    await page.mouse.click(box.x + 4, box.y + 4, { button: 'right' });
    const menu = page.getByRole('menu', { name: 'What can be done here' });
    await menu.waitFor();
    for (const call of ['read', 'write', 'munmap', 'mprotect', 'mremap', 'madvise'])
      expect(await menu.getByRole('menuitem', { name: new RegExp(`^${call}`) }).count()).toBe(1);
    await menu.getByRole('menuitem', { name: /^munmap/ }).click();
    await atStep(page, 3);
    expect((await lines(page)).join('\n')).toContain('munmap(a, 8M)');
    await context.close();
  });
});

describe('a change in the past', () => {
  test('keeps the other future, which can be returned to', async () => {
    const { page, context } = await visitPage(site);
    const before = await lines(page);
    const n = await stepsOf(page);
    await page.keyboard.press('End');
    await atStep(page, n);
    await stepBox(page).fill('3');
    await stepBox(page).press('Enter');
    await atStep(page, 3);
    await page.getByRole('button', { name: 'Edit the text' }).focus();
    await addByForm(page, 'munmap', { address: 'a', length: '8M' });
    const futures = page.getByLabel('Future of the scenario');
    await expect.poll(() => futures.locator('option').count()).toBe(2);
    const other = await futures.locator('option:not(:checked)').first().getAttribute('value');
    await futures.selectOption(other!);
    await expect.poll(() => lines(page)).toEqual(before);
    await context.close();
  });

  test('is undone and done again', async () => {
    const { page, context } = await visitPage(site);
    const before = await lines(page);
    await addByForm(page, 'pool', { nr_hugepages: '3' });
    const after = await lines(page);
    expect(after).not.toEqual(before);
    await page.keyboard.press('Control+z');
    await expect.poll(() => lines(page)).toEqual(before);
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => lines(page)).toEqual(after);
    await context.close();
  });
});

describe('when the machine is lost', () => {
  test('the person is told, and it goes on where it was', async () => {
    const { page, context } = await visitPage(site);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await atStep(page, 2);
    const before = await drawn(page);
    const workers = page.workers();
    expect(workers.length).toBe(1);
    // A worker that loops for ever is one that no longer answers.
    void workers[0]!
      .evaluate(() => {
        for (;;);
      })
      .catch(() => undefined);
    await page.waitForTimeout(500);
    await page.keyboard.press('ArrowRight');
    await page.getByText(/was started again from the scenario/).waitFor({ timeout: 30_000 });
    // The key that was pressed meanwhile has its effect.
    await atStep(page, 3);
    await page.keyboard.press('ArrowLeft');
    await atStep(page, 2);
    expect(await drawn(page)).toBe(before);
    await context.close();
  });
});

test('a worker that is ended from outside is noticed at once, and nothing of the scenario is lost', async () => {
  const { page, context } = await site.visit('about:blank', { reducedMotion: 'reduce' });
  await page.addInitScript(() => {
    const { Worker: Plain } = window;
    Object.assign(window, { machines: [] });
    window.Worker = class extends Plain {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        (window as unknown as { machines: Worker[] }).machines.push(this);
      }
    };
  });
  await page.goto(site.url);
  await page.locator('.picture-address-space svg').first().waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await atStep(page, 2);
  for (const end of ['from the page', 'by itself']) {
    const began = performance.now();
    if (end === 'by itself') await page.workers()[0]!.evaluate(() => self.close());
    else await page.evaluate(() => (window as unknown as { machines: Worker[] }).machines.at(-1)!.terminate());
    const notice = page.getByText(/stopped and was started again from the scenario/);
    await notice.waitFor();
    expect(performance.now() - began).toBeLessThan(3000);
    await page.getByRole('button', { name: /^Dismiss/ }).click();
    await page.keyboard.press('ArrowRight');
  }
  await atStep(page, 4);
  await context.close();
});

describe('by keyboard alone', () => {
  test('a scenario is stepped, changed, compared, read as text and left', async () => {
    const { page, problems, context } = await visitPage(site);
    const press = (...keys: string[]) =>
      keys.reduce(async (done, key) => (await done, page.keyboard.press(key)), Promise.resolve());
    await press('PageDown', 'PageDown');
    await atStep(page, 2);
    await press('Home');
    await atStep(page, 0);
    await press('4', 'Enter');
    await atStep(page, 4);
    await press('PageUp');
    await atStep(page, 3);
    await press('/');
    const box = page.getByRole('combobox', { name: 'Command, step or operation' });
    await box.waitFor();
    await page.keyboard.type('write(a + 4M)');
    await press('Enter');
    await atStep(page, 4);
    expect((await lines(page)).join('\n')).toContain('write(a + 4M)');
    await press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await press('t');
    const tree = page.getByRole('tree', { name: /^Address space of/ });
    await tree.waitFor();
    await tree.getByRole('treeitem').first().focus();
    await press('ArrowDown', 'ArrowDown', 'Enter');
    await press('Shift+F10');
    await page.getByRole('menu', { name: 'What can be done here' }).waitFor();
    await press('Escape');
    await expect.poll(() => page.getByRole('menu').count()).toBe(0);
    await press('Escape', 't');
    await page.locator('body').press('c');
    await page.getByRole('region', { name: 'Side by side' }).waitFor();
    await page.locator('body').press('c');
    await expect.poll(() => page.getByRole('region', { name: 'Side by side' }).count()).toBe(0);
    await page.locator('body').press('b');
    await page.getByRole('button', { name: /^Blank screen/ }).waitFor();
    await press('b');
    await expect.poll(() => page.getByRole('button', { name: /^Blank screen/ }).count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('no key acts in a text field, and single keys can be switched off', async () => {
    const { page, context } = await visitPage(site);
    await page.getByRole('button', { name: 'Edit the text' }).click();
    await page.getByRole('textbox', { name: 'Scenario text' }).press('End');
    await page.keyboard.type(' # c ? / t');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Done editing' }).click();
    await page.locator('body').press('?');
    await page.getByRole('checkbox', { name: /^Single keys/ }).uncheck();
    await page.keyboard.press('Escape');
    await page.locator('body').press('?');
    await page.locator('body').press('t');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.getByRole('tree', { name: /^Address space of/ }).count()).toBe(0);
    await context.close();
  });
});

test('work of last time is there again, and a link is never opened over it', async () => {
  const { page, context } = await visitPage(site);
  await addByForm(page, 'pool', { nr_hugepages: '5' });
  await expect.poll(() => page.evaluate(() => JSON.stringify(localStorage))).toContain('pool(5)');
  await page.reload();
  await page.getByText('This is your scenario of last time.').waitFor();
  expect((await lines(page)).join('\n')).toContain('pool(5)');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(url).toMatch(/#\d+\.[\w.-]+/);
  await page.goto('about:blank');
  await page.goto(url.slice(0, url.lastIndexOf('.') - 5));
  await page.getByRole('dialog', { name: 'This link cannot be opened' }).waitFor();
  await page.getByText('What you worked on last time is kept.').waitFor();
  await context.close();

  const fresh = await visitPage(site, new URL(url).hash);
  expect((await lines(fresh.page)).join('\n')).toContain('pool(5)');
  await atStep(fresh.page, 1);
  await fresh.context.close();
});

test('the page works where nothing may be kept', async () => {
  const context = await site.browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('no', 'SecurityError');
      },
    });
  });
  await page.goto(site.url);
  await page.locator('.picture-address-space svg').waitFor();
  await page.keyboard.press('ArrowRight');
  await atStep(page, 1);
  await context.close();
});

test('a part that cannot be loaded says so, and the page goes on', async () => {
  // Without the service worker, which would have the part already.
  const { page, context } = await visitPage(site, '', { serviceWorkers: 'block' });
  await page.route('**/KeysSheet*', (route) => route.abort());
  await page.keyboard.press('?');
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.textContent()).toMatch(/could not be shown: .*The scenario is safe/);
  await alert.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('PageDown');
  await atStep(page, 1);
  expect(await alert.count()).toBe(0);
  await context.close();
});

test('what is typed for the command box before it has come is not lost', async () => {
  const { page, context } = await visitPage(site);
  await page.route('**/CommandBox*', async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('3');
  await page.keyboard.press('Enter');
  await atStep(page, 3);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await context.close();
});

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addByForm, atStep, lines, stepsOf, visitPage } from './person';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const trace = (name: string): string => gunzipSync(readFileSync(`test/traces/${name}.strace.gz`)).toString();

/** Opens one of the dialogs of the menu. */
async function choose(page: Page, item: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function saved(page: Page, button: string): Promise<{ name: string; text: string; bytes: Buffer }> {
  const [file]: [Download, void] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click(),
  ]);
  const bytes = readFileSync(await file.path());
  return { name: file.suggestedFilename(), text: bytes.toString('utf8'), bytes };
}

/** Drops texts as files onto the page. */
async function drop(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  const data = await page.evaluateHandle((named) => {
    const transfer = new DataTransfer();
    for (const [name, text] of Object.entries(named)) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.locator('main').dispatchEvent('drop', { dataTransfer: data });
}

const imported = (page: Page) => page.getByRole('dialog', { name: /^Imported from/ });

/** A figure of the import's summary. */
const figure = async (page: Page, name: RegExp): Promise<string> =>
  (await imported(page).locator('dl > div').filter({ hasText: name }).locator('dd').textContent()) ?? '';

describe('exports', () => {
  test('of pictures carry their colours and letters with them', async () => {
    const { page, context, problems } = await visitPage(site);
    await page.getByRole('button', { name: 'Last step' }).click();
    await atStep(page, await stepsOf(page));
    await choose(page, /^Export/);
    for (const [title, part] of [
      ['Address space', 'address-space'],
      ['Page tables', 'page-tables'],
      ['Huge-page pool', 'pool'],
      ['Frames', 'frames'],
    ]) {
      const svg = await saved(page, `${title} as SVG`);
      expect(svg.name).toMatch(new RegExp(`-step-\\d+-${part}\\.svg$`));
      expect(svg.text).toContain("@font-face{font-family:'IBM Plex Sans'");
      // Nothing that only the page could resolve, and nothing from elsewhere.
      expect(svg.text).not.toMatch(/var\(|class="|href="(?!data:)|url\((?!#|data:)/);
      expect(svg.text.match(/fill="rgb\(/g)!.length).toBeGreaterThan(10);
      const png = await saved(page, `${title} as PNG`);
      expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
      const shown = await page.evaluate(async (data) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const pen = canvas.getContext('2d')!;
        pen.drawImage(image, 0, 0);
        const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set<number>();
        for (let i = 0; i < pixels.length; i += 4)
          colours.add((pixels[i]! << 16) | (pixels[i + 1]! << 8) | pixels[i + 2]!);
        return { width: canvas.width, colours: colours.size };
      }, png.bytes.toString('base64'));
      expect(shown.width).toBeGreaterThan(600);
      expect(shown.colours).toBeGreaterThan(8);
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test('of the run are JSON lines, a table, /proc, and the scenario itself', async () => {
    const { page, context } = await visitPage(site);
    const n = await stepsOf(page);
    const text = await lines(page);
    await choose(page, /^Export/);
    const run = await saved(page, 'Run as JSON lines');
    const steps = run.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step?: number; op?: string; err?: string });
    expect(steps.filter(({ step }) => step !== undefined)).toHaveLength(n);
    expect(steps.at(-1)).toMatchObject({ step: n, op: 'mmap', err: 'ENOMEM' });
    const table = (await saved(page, 'Counters as CSV')).text.trim().split(/\r?\n/);
    expect(table[0]).toContain('HugePages_Free');
    expect(new Set(table.slice(1).map((row) => row.split(',')[0])).size).toBe(n + 1);
    expect((await saved(page, '/proc/PID/maps')).text).toMatch(/^7ffff7\w+-7ffff7\w+ rw-p .*anon_hugepage/m);
    expect((await saved(page, '/proc/PID/smaps')).text).toMatch(/^Private_Hugetlb: +\d+ kB$/m);
    expect((await saved(page, '/proc/PID/status')).text).toMatch(/^VmPTE:\s+\d+ kB$/m);
    expect((await saved(page, '/proc/meminfo')).text).toMatch(/^HugePages_Total: +8$/m);
    const scenario = await saved(page, 'Scenario');
    expect(scenario.name).toMatch(/^[\w.-]+\.mm$/);
    expect(scenario.text).toContain(text[0]);
    await context.close();
  });

  test('a handout has every step on paper, its answers only if wanted', async () => {
    const { page, context } = await visitPage(site, '#ex=fork-small');
    const n = await stepsOf(page);
    await choose(page, /^Handout/);
    const handout = page.getByRole('dialog', { name: 'Handout' });
    await handout.getByRole('region', { name: 'Step 3', exact: true }).waitFor();
    expect(n).toBeGreaterThan(3);
    expect(await handout.getByRole('region', { name: /^Step \d+$/ }).count()).toBe(n);
    expect(await handout.locator('svg').count()).toBeGreaterThan(3);
    expect(await handout.getByText('(right)').count()).toBe(1);
    const answered = await handout.textContent();
    await handout.getByLabel(/answers/).uncheck();
    expect(await handout.getByText('(right)').count()).toBe(0);
    expect(await handout.getByRole('img', { name: 'Room to write' }).count()).toBe(1);
    expect((await handout.textContent())!.length).toBeLessThan(answered!.length);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#root').isVisible()).toBe(false);
    expect(await handout.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
    const sheets = await page.pdf({ format: 'A4' });
    expect(sheets.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'screen' });
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'mmscope' }).waitFor();
    await context.close();
  });
});

describe('imports', () => {
  test('a dropped trace of a real program becomes a scenario, and says what it came to', async () => {
    const { page, context, problems } = await visitPage(site);
    await drop(page, { 'sort.strace': trace('sort') });
    await imported(page).waitFor();
    await imported(page)
      .getByText(/Every recorded answer is reproduced|answered otherwise than recorded/)
      .waitFor();
    expect(Number((await figure(page, /calls? taken over/)).replace(',', ''))).toBeGreaterThan(20);
    expect(await figure(page, /answered otherwise/)).toMatch(/^\d+$/);
    await page.keyboard.press('Escape');
    expect(await stepsOf(page)).toBeGreaterThan(20);
    expect((await lines(page)).join('\n')).toContain('exec(');
    expect(problems).toEqual([]);
    await context.close();
  });

  test('each difference to the recorded answers leads to its step', async () => {
    const { page, context } = await visitPage(site);
    const text =
      'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbf000\nmunmap(0x7ffff7fbf000, 8192) = -1 EINVAL (Invalid argument)\n';
    await drop(page, { 'small.strace': text });
    const list = imported(page).getByRole('region', { name: 'Answered otherwise' });
    await list.waitFor();
    expect(await list.getByRole('listitem').count()).toBe(1);
    await list.getByRole('button', { name: /EINVAL/ }).click();
    await expect.poll(() => imported(page).count()).toBe(0);
    await atStep(page, await stepsOf(page));
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await list.waitFor();
    await context.close();
  });

  test('a paste, several files of one trace, maps and smaps are told apart by what they hold', async () => {
    const { page, context } = await visitPage(site);
    await drop(page, {
      'trace.100': 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc0000\nfork() = 101\n',
      'trace.101': 'munmap(0x7ffff7fc0000, 4096) = 0\n',
    });
    await imported(page).waitFor();
    expect(await figure(page, /process/)).toBe('2');
    await page.keyboard.press('Escape');

    await page.evaluate(
      (text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', text);
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      },
      readFileSync('/proc/self/maps', 'utf8'),
    );
    await page.getByRole('dialog', { name: 'Imported from /proc/PID/maps' }).waitFor();
    expect(Number(await figure(page, /areas taken over/))).toBeGreaterThan(5);
    await page.keyboard.press('Escape');

    await choose(page, /^Open or import/);
    await page.getByLabel('Or paste the text').fill(readFileSync('/proc/self/smaps', 'utf8').slice(0, 18_000));
    await page.getByRole('button', { name: 'Open the text' }).click();
    await page.getByRole('dialog', { name: 'Imported from /proc/PID/smaps' }).waitFor();
    await context.close();
  });

  test('never stand over unsaved work', async () => {
    const { page, context } = await visitPage(site);
    await addByForm(page, 'pool', { nr_hugepages: '13' });
    await drop(page, { 'other.mm': 'title: Another\npool(3)\n' });
    await expect.poll(() => lines(page)).toContain('title: Another');
    await page.getByRole('button', { name: 'Take it back' }).click();
    await expect.poll(async () => (await lines(page)).join('\n')).toContain('pool(13)');
    await drop(page, { 'picture.png': '\u0089PNG\0\0' });
    await page.getByText('That is not text: nothing was opened.').waitFor();
    expect((await lines(page)).join('\n')).toContain('pool(13)');
    await context.close();
  });

  test('are stopped by a button, and then nothing was opened', async () => {
    const { page, context } = await visitPage(site);
    const before = await lines(page);
    const call = 'mmap(NULL, 16384, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbc000\n';
    await drop(page, { 'huge.strace': call.repeat(150_000) });
    const dialog = page.getByRole('dialog', { name: 'Opening' });
    await dialog.getByText('Reading huge.strace.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stopped. Nothing was opened.').waitFor();
    expect(await lines(page)).toEqual(before);
    await context.close();
  });

  test('of 20,000 lines are read while the page goes on with its own work', async () => {
    const { page, context } = await visitPage(site);
    const { turns, figures } = await page.evaluate(async () => {
      const call = (i: number) =>
        i % 2 === 0
          ? 'mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbc000'
          : 'munmap(0x7ffff7fbc000, 16384) = 0';
      const text = `${Array.from({ length: 20_000 }, (_, i) => call(i)).join('\n')}\n`;
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], 'long.strace'));
      const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
      document.querySelector('main')!.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
      const dialog = () => document.querySelector('dialog')?.textContent ?? '';
      // Turns that the page took while it read: work in one piece would leave it one or two.
      let turns = 0;
      for (; !dialog().startsWith('Imported'); turns++) await turn();
      while (!/reproduced|than recorded/.test(dialog())) await turn();
      return { turns, figures: dialog() };
    });
    expect(turns).toBeGreaterThan(10);
    // One more: the program is started, which this trace does not show.
    expect(figures).toMatch(/taken over20,00[01]/);
    expect(figures).toContain('Every recorded answer is reproduced');
    await page.keyboard.press('Escape');
    expect(await stepsOf(page)).toBeGreaterThanOrEqual(20_000);
    await context.close();
  });
});

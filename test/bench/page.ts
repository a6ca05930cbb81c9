/**
 * The page in a real Chromium: `npm run build && npm run -s bench -- page`. Everything is measured in the built site, in a
 * fresh profile, with the machine's other work as it is; run it on a quiet machine.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openSite, type Site } from '../e2e/site';

const gzip = (file: string): number => gzipSync(readFileSync(file)).length / 1024;

/** JavaScript that the first load asks for, KiB gzip: the page's, and the worker's. */
async function firstLoad(site: Site): Promise<{ page: number; worker: number; picture: number }> {
  const context = await site.browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  await context.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (document.querySelector('.picture-page-tables svg text') === null) return;
      observer.disconnect();
      requestAnimationFrame(() => performance.mark('first-picture'));
    }).observe(document, { childList: true, subtree: true });
  });
  const page = await context.newPage();
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(request.url()));
  await page.goto(site.url);
  await page.locator('.picture-page-tables svg text').first().waitFor();
  const picture = await page.evaluate(() => {
    const [nav] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return performance.getEntriesByName('first-picture')[0]!.startTime - nav!.loadEventEnd;
  });
  await context.close();
  const sum = (worker: boolean): number =>
    [...asked]
      .filter((one) => one.endsWith('.js') && /\/entry-/.test(one) === worker)
      .reduce((total, one) => total + gzip(join('dist', one.slice(site.url.length))), 0);
  return { page: sum(false), worker: sum(true), picture };
}

/** Opens a text in the page by dropping it as a file would be, and waits until it has run. */
async function open(page: Page, text: string): Promise<void> {
  await page.evaluate((scenario) => {
    const data = new DataTransfer();
    data.items.add(new File([scenario], 'bench.mm', { type: 'text/plain' }));
    (document.querySelector('main') ?? document.body).dispatchEvent(
      new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

const percentile = (values: number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? NaN;
const show = (x: number, unit: string): string => `${x.toFixed(1)} ${unit}`;

/** From a click to the frame in which the step it leads to is drawn, milliseconds. */
async function clickToFrame(page: Page, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const name = i % 2 === 0 ? 'On one step' : 'Back one step';
    const button = page.getByRole('button', { name });
    taken.push(
      await button.evaluate(
        (element) =>
          new Promise<number>((done) => {
            const box = document.querySelector<HTMLInputElement>('input[aria-label^="Step,"]')!;
            const before = box.value;
            const start = performance.now();
            const look = (): void => {
              if (box.value !== before) requestAnimationFrame(() => done(performance.now() - start));
              else requestAnimationFrame(look);
            };
            (element as HTMLElement).click();
            requestAnimationFrame(look);
          }),
      ),
    );
  }
  return taken;
}

/** Frames a second while steps play for some seconds, and the longest frame. */
async function framesWhile(
  page: Page,
  ms: number,
  start: () => Promise<void>,
): Promise<{ fps: number; longest: number }> {
  await page.evaluate(() => {
    const seen: number[] = [];
    (window as unknown as { frames: number[] }).frames = seen;
    const tick = (t: number): void => {
      seen.push(t);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await start();
  await page.waitForTimeout(ms);
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  const gaps = frames.slice(1).map((t, i) => t - frames[i]!);
  return { fps: (gaps.length / gaps.reduce((a, b) => a + b, 0)) * 1000, longest: Math.max(...gaps) };
}

const site = await openSite();
try {
  const js = await firstLoad(site);
  console.log(`JavaScript of the first load: ${show(js.page, 'kB gzip')} (the worker's ${show(js.worker, 'kB gzip')})`);
  const all = readdirSync('dist/assets').filter((name) => name.endsWith('.js'));
  console.log(
    `  of ${show(
      all.reduce((total, name) => total + gzip(join('dist/assets', name)), 0),
      'kB gzip',
    )} in all`,
  );

  const { page, context } = await site.visit();
  await page.locator('.picture-address-space svg').first().waitFor();
  console.log(`first picture after the load event: ${show(js.picture, 'ms')}`);

  const steps = await clickToFrame(page, 60);
  console.log(
    `click to finished frame: p50 ${show(percentile(steps, 0.5), 'ms')}, p95 ${show(percentile(steps, 0.95), 'ms')}`,
  );

  // 400 areas of alternating protection, present, so that pictures hold some 2,000 marks while steps play.
  const many = Array.from({ length: 400 }, (_, i) => [
    `a${i} = mmap(NULL, 32K, ${i % 2 ? 'PROT_READ|PROT_WRITE' : 'PROT_READ|PROT_WRITE|PROT_EXEC'}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`,
    `write(a${i}, 8)`,
  ]).flat();
  await open(page, many.join('\n'));
  await page.getByRole('textbox', { name: /^Step, 0 to 800/ }).waitFor();
  await page.keyboard.press('End');
  await page.waitForTimeout(1500);
  const marks = await page.locator('main .picture svg *').count();
  await page.keyboard.press('Digit6');
  await page.keyboard.press('Digit0');
  await page.keyboard.press('Digit0');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1000);
  const playing = await framesWhile(page, 4000, async () => {
    await page.getByRole('button', { name: 'Play' }).click();
  });
  console.log(
    `frames a second while steps play (${marks} elements drawn): ${playing.fps.toFixed(1)}, longest frame ${show(playing.longest, 'ms')}`,
  );

  await page.evaluate(() => {
    const tasks: number[] = [];
    (window as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ type: 'longtask' });
  });
  await page.keyboard.press('Space');
  await open(page, 'a = mmap(NULL, 1G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)\nwrite(a, 262144)\n');
  await page.getByRole('textbox', { name: /^Step, 0 to 2/ }).waitFor();
  await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks.splice(0));
  await page.keyboard.press('End');
  await page.waitForTimeout(3000);
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  console.log(
    `longest task on the main thread while 262,144 faults run: ${tasks.length === 0 ? 'under 50 ms' : show(Math.max(...tasks), 'ms')}`,
  );
  await context.close();

  // A long run, and jumps in it.
  const long = await site.visit();
  await long.page.locator('.picture-address-space svg').first().waitFor();
  const lines: string[] = [];
  for (let i = 0; lines.length < 100_000; i++)
    lines.push(
      `m${i % 500} = mmap(NULL, 16K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`,
      `write(m${i % 500}, 4)`,
      `mprotect(m${i % 500}, 8K, PROT_READ)`,
      `munmap(m${i % 500}, 16K)`,
    );
  await open(long.page, lines.join('\n'));
  await long.page.getByRole('textbox', { name: /^Step, 0 to 100000/ }).waitFor({ timeout: 120_000 });
  const seeks: number[] = [];
  await long.page.evaluate(() => {
    const at = { pressed: 0, drawn: 0 };
    (window as unknown as { at: typeof at }).at = at;
    addEventListener('keydown', (event) => event.key === 'Enter' && (at.pressed = performance.now()), true);
    new MutationObserver(() => requestAnimationFrame(() => (at.drawn = performance.now()))).observe(
      document.querySelector('main')!,
      { childList: true, subtree: true, characterData: true, attributes: true },
    );
  });
  for (let i = 0; i < 40; i++) {
    await long.page.keyboard.type(String(1 + ((i * 37_813) % 100_000)));
    await long.page.keyboard.press('Enter');
    await long.page.waitForTimeout(400);
    const { pressed, drawn } = await long.page.evaluate(
      () => (window as unknown as { at: { pressed: number; drawn: number } }).at,
    );
    seeks.push(drawn - pressed);
  }
  console.log(
    `seek in 100,000 operations, to the last change of the picture: p50 ${show(percentile(seeks, 0.5), 'ms')}, p95 ${show(percentile(seeks, 0.95), 'ms')}`,
  );
  await long.context.close();
} finally {
  await site.close();
}

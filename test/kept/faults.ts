/** What goes wrong around the page: workers and tabs that end, storage without room, new versions under open tabs. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { seededRandom } from '../../src/base/random';
import { openSite } from '../e2e/site';
import { Tab, type Harness } from './harness';

let random = seededRandom(1);

/** The same seed, the same faults. */
export function seedFaults(seed: number): void {
  random = seededRandom(seed);
}
const below = (n: number): number => Math.floor(random() * n);
const filler = '# a line that says nothing, but says it at length\n';
let made = 0;
const newText = (): string => `title: Own ${++made}\npool(${made % 9})\n${filler.repeat(below(4) === 0 ? 12_000 : 3)}`;

export interface Outcome {
  readonly tried: number;
  readonly wrong: readonly string[];
  readonly note: string;
}

export async function workerEnds(harness: Harness, tried: number): Promise<Outcome> {
  const context = await harness.browser.newContext();
  const tab = await Tab.open(context, `${harness.url}?workers`);
  const wrong: string[] = [];
  let slowest = 0;
  for (let done = 0; done < tried; done += 25) {
    const found = await tab.call('workerEnds', Math.min(25, tried - done), below(1_000_000));
    wrong.push(...found.wrong);
    slowest = Math.max(slowest, found.slowest);
  }
  await context.close();
  return { tried, wrong, note: `noticed after ${slowest.toFixed(0)} ms at most` };
}

/** Types, and ends the process of the tab within moments; a new tab must show what was typed. */
export async function tabCrashes(harness: Harness, tried: number): Promise<Outcome> {
  const wrong: string[] = [];
  for (let i = 0; i < tried; i++) {
    const context = await harness.browser.newContext();
    const tab = await Tab.open(context, harness.url, ['', '#ex=moving', '#ex=fork-small'][below(3)]);
    let text = '';
    for (let typed = 1 + below(3); typed > 0; typed--) {
      text = newText();
      if (below(3) === 0) await tab.call('bring', text);
      else await tab.call('edit', text);
      if (below(3) === 0) {
        await tab.page.reload({ waitUntil: 'commit' });
        await tab.begun();
      }
    }
    // A long text is kept a moment later than a short one.
    if (text.length > 100_000) await tab.page.waitForFunction(async () => (await window.page!.alone()).length === 0);
    else await tab.page.waitForTimeout(below(30));
    await tab.crash(true);
    const later = await Tab.open(context, harness.url);
    if ((await later.call('text')) !== text) wrong.push(`${i}: ${text.slice(0, 12)} is not there`);
    await context.close();
  }
  return { tried, wrong, note: 'Page.crash, texts of 200 to 600,000 characters' };
}

/** Storage that is full: really (localStorage to the last character, a quota of one byte), or by refusing. */
export async function noRoom(harness: Harness, tried: number): Promise<Outcome> {
  const wrong: string[] = [];
  for (let i = 0; i < tried; i++) {
    const context = await harness.browser.newContext();
    const hash = below(2) === 0 ? '#ex=moving' : '';
    const tab = await Tab.open(context, harness.url, hash);
    const before = newText();
    if (below(2) === 0) await tab.call('edit', before);
    const kept = (await tab.call('text')) === before;
    const real = i % 10 === 0;
    if (real) await fill(tab.page);
    else await tab.call('full', true);
    const one = `${newText()}# one\n`;
    await tab.call('bring', one);
    const two = newText();
    await tab.call('bring', two);
    await tab.page.waitForTimeout(below(40));
    const name = `${i}${real ? ' (really full)' : ''}`;
    const everywhere = async () => [
      await tab.call('text'),
      ...(await tab.call('alone')),
      ...(await tab.call('stored')),
      ...(await tab.call('listed')),
    ];
    const there = await everywhere();
    for (const text of [...(kept ? [before] : []), one, two])
      if (!there.includes(text)) wrong.push(`${name}: ${text.slice(0, 12)} is lost`);
    const notices = await tab.call('notices');
    if (notices.filter((text) => /has no room left/.test(text)).length !== 1)
      wrong.push(`${name}: said ${JSON.stringify(notices)}`);
    if (!real) {
      await tab.call('full', false);
      await tab.call('edit', `${two}# more\n`);
      await tab.page.waitForTimeout(30);
      await tab.crash(false);
      const later = await Tab.open(context, harness.url);
      if ((await later.call('text')) !== `${two}# more\n`) wrong.push(`${name}: not kept once there was room again`);
    }
    await context.close();
  }
  return { tried, wrong, note: 'a tenth with a really full storage' };
}

async function fill(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (let size = 1 << 22; size >= 1; size >>= 1)
      for (let i = 0; ; i++)
        try {
          localStorage.setItem(`other.${size}.${i}`, 'x'.repeat(size));
        } catch {
          break;
        }
  });
  const client = await page.context().newCDPSession(page);
  await client.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 1 });
}

/** A new version of the site while tabs of the one before are open and worked in: files have other names, the old ones are gone. */
export async function newVersions(tried: number): Promise<Outcome> {
  const wrong: string[] = [];
  const root = mkdtempSync(join(tmpdir(), 'mmscope-'));
  cpSync('dist', root, { recursive: true });
  const site = await openSite(root);
  const context: BrowserContext = await site.browser.newContext({ reducedMotion: 'reduce' });
  const open = async (hash = ''): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(site.url + hash);
    await page.locator('.picture-address-space svg').first().waitFor();
    return page;
  };
  const shown = async (page: Page): Promise<string> => {
    const list = page.getByRole('list', { name: 'Lines of the scenario' }).locator('li code');
    return (await list.allTextContents()).join('\n');
  };
  const add = async (page: Page, line: string): Promise<void> => {
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Command, step or operation' }).waitFor();
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
    for (let i = 0; i < 400 && !(await shown(page)).includes(line); i++) await page.waitForTimeout(50);
  };
  let tabs = [await open(), await open('#ex=zero-page')];
  await tabs[0]!.evaluate(() => navigator.serviceWorker.ready);
  for (let i = 0; i < tried; i++) {
    const lines = tabs.map((_, tab) => `pool(${100 + i * 2 + tab})`);
    for (const [tab, page] of tabs.entries()) await add(page, lines[tab]!);
    deploy(root, i);
    // The old pages go on: parts that were not loaded yet, and more work.
    for (const [tab, page] of tabs.entries()) {
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ timeout: 10_000 });
      await page.keyboard.press('Escape');
      const more = `pool(${500 + i * 2 + tab})`;
      await add(page, more);
      lines.push(more);
    }
    await tabs[0]!.evaluate(async () => (await navigator.serviceWorker.ready).update());
    for (const page of tabs) {
      await page.reload();
      await page.locator('.picture-address-space svg').first().waitFor();
      if ((await page.title()) !== `version ${i}`) wrong.push(`${i}: a reload shows ${await page.title()}`);
    }
    const texts = await Promise.all(tabs.map(shown));
    for (const [at, line] of lines.entries())
      if (!texts[at % 2]!.includes(line)) wrong.push(`${i}: tab ${at % 2} has lost ${line}`);
    if (i % 5 === 4) {
      // Nobody is left: the new version takes over, and the work is there.
      for (const page of tabs) await page.close();
      tabs = [await open(), await open()];
      const both = (await Promise.all(tabs.map(shown))).join('\n');
      for (const line of lines) if (!both.includes(line)) wrong.push(`${i}: ${line} is lost with the last page`);
    }
  }
  await site.close();
  rmSync(root, { recursive: true });
  return { tried, wrong, note: 'two tabs of the version before, worked in' };
}

/** Puts another version of the site in the place of this one: every file that has its hash in its name has another name. */
function deploy(root: string, version: number): void {
  const assets = join(root, 'assets');
  const names = readdirSync(assets).map((name) => [name, name.replace(/(?:~\d+)?(\.\w+)$/, `~${version}$1`)] as const);
  const rewrite = (file: string): void => {
    let text = readFileSync(file, 'utf8');
    for (const [before, after] of names) text = text.replaceAll(before, after);
    writeFileSync(file, text);
  };
  for (const [name] of names) if (/\.(?:js|css)$/.test(name)) rewrite(join(assets, name));
  for (const [before, after] of names) renameSync(join(assets, before), join(assets, after));
  rewrite(join(root, 'index.html'));
  rewrite(join(root, 'sw.js'));
  const index = join(root, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace(/<title>.*?</, `<title>version ${version}<`));
  const worker = join(root, 'sw.js');
  writeFileSync(worker, readFileSync(worker, 'utf8').replace(/own \+ '[^']+'/, `own + 'version ${version}'`));
}

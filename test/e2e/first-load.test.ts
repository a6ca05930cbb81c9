import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const policyOf = (html: string) => /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';

describe('the built site', () => {
  test('opens without an error, and asks nobody else for anything', async () => {
    const { page, context, problems, requests } = await site.visit();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready);
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(site.url) && !/^(data|blob):/.test(url))).toEqual([]);
    await context.close();
  });

  test('has a strict content security policy, and it holds', async () => {
    const policy = policyOf(readFileSync('dist/index.html', 'utf8'));
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const { page, context } = await site.visit();
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.ranInline = true';
      document.body.append(script);
      return 'ranInline' in globalThis;
    });
    expect(ran).toBe(false);
    await context.close();
  });

  test('keeps its service worker under 1 kB beside the list of files', () => {
    const text = readFileSync('dist/sw.js', 'utf8');
    expect(text.replace(/^const files = .*$/m, '').length).toBeLessThan(1000);
  });
});

describe('offline', () => {
  test('works without a network after the first visit', async () => {
    const own = await openSite();
    const { page, problems } = await own.visit();
    await page.evaluate(() => navigator.serviceWorker.ready);
    const title = await page.getByRole('heading', { level: 1 }).first().textContent();
    await own.unplug();
    await page.reload();
    expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toBe(title);
    const faces = await page.evaluate(async () => (await document.fonts.load('16px "IBM Plex Sans"')).length);
    expect(faces).toBe(1);
    expect(problems).toEqual([]);
    await own.close();
  });

  test('shows a new version at the next load, and then forgets the old one', async () => {
    const root = mkdtempSync(join(tmpdir(), 'mmscope-'));
    cpSync('dist', root, { recursive: true });
    const own = await openSite(root);
    const { page, context } = await own.visit();
    await page.evaluate(() => navigator.serviceWorker.ready);
    const before = await page.evaluate(() => caches.keys());
    expect(before).toHaveLength(1);

    writeFileSync(
      join(root, 'index.html'),
      readFileSync('dist/index.html', 'utf8').replace(/<title>.*</, '<title>new<'),
    );
    writeFileSync(join(root, 'sw.js'), readFileSync('dist/sw.js', 'utf8').replace(/own \+ '\w+'/, "own + 'new'"));
    await page.reload();
    expect(await page.title()).toBe('new');
    // The new worker waits until no page of the old version is left.
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      while (!registration.waiting) await new Promise((done) => setTimeout(done, 20));
    });
    await page.close();
    // Chromium takes its time to notice that; a page opened before is the old version's once more.
    await expect
      .poll(
        async () => {
          const next = await context.newPage();
          await next.goto(own.url);
          await next.waitForTimeout(300);
          const kept = await next.evaluate(() => caches.keys());
          await next.close();
          return kept;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([`mmscope ${own.url} new`]);
    await own.close();
    rmSync(root, { recursive: true });
  });
});

describe('the one-file build', () => {
  test('opens from file:// and asks for nothing', async () => {
    const file = pathToFileURL(resolve('dist/mmscope.html')).href;
    const { page, context, problems, requests } = await site.visit(file);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    expect(problems).toEqual([]);
    expect(requests.filter((url) => url !== file && !/^(data|blob):/.test(url))).toEqual([]);
    await context.close();
  });

  test('allows its script and style by their hashes alone', () => {
    const policy = policyOf(readFileSync('dist/mmscope.html', 'utf8'));
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

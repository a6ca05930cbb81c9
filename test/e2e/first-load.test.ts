import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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

  test('works without a network after the first visit', async () => {
    const { page, context, problems } = await site.visit();
    await page.evaluate(() => navigator.serviceWorker.ready);
    const title = await page.getByRole('heading', { level: 1 }).first().textContent();
    await context.setOffline(true);
    await page.reload();
    expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toBe(title);
    expect(await page.evaluate(() => document.fonts.load('16px "IBM Plex Sans"').then((faces) => faces.length))).toBe(
      1,
    );
    expect(problems).toEqual([]);
    await context.close();
  });

  test('keeps its service worker under 1 kB beside the list of files', () => {
    const text = readFileSync('dist/sw.js', 'utf8');
    expect(text.replace(/^const files = .*$/m, '').length).toBeLessThan(1000);
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

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
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

  test('asks for 128 KiB of script at most before its first picture', async () => {
    const context = await site.browser.newContext({ serviceWorkers: 'block' });
    await context.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector('.picture-page-tables svg text') === null) return;
        observer.disconnect();
        performance.mark('first-picture');
      }).observe(document, { childList: true, subtree: true });
    });
    const page = await context.newPage();
    await page.goto(site.url);
    await page.locator('.wires').waitFor({ state: 'attached' });
    const [before, after] = await page.evaluate(() => {
      const [{ startTime }] = performance.getEntriesByName('first-picture') as [PerformanceEntry];
      const scripts = performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.endsWith('.js') && !/\/entry-/.test(name));
      const path = ({ name }: PerformanceEntry) => new URL(name).pathname.replace(/^.*\/assets\//, '');
      return [
        scripts.filter((one) => one.startTime < startTime).map(path),
        scripts.filter((one) => one.startTime >= startTime).map(path),
      ];
    });
    const sizes = before.map((name) => gzipSync(readFileSync(join('dist/assets', name))).length);
    expect(before).not.toEqual([]);
    expect(after.some((name) => name.startsWith('d3-transition'))).toBe(true);
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(128 * 1024);
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

describe('licences', () => {
  /** Packages that a page may hold: what the project depends on, and what those depend on. */
  function shippable(): string[] {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; optional?: boolean }>;
    };
    return Object.entries(packages)
      .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  }

  /** Packages that a build's own maps name as sources of its code: another way to know them than the build's list. */
  async function mapped(): Promise<Set<string>> {
    const built = await build({ logLevel: 'silent', build: { write: false, sourcemap: true } });
    const parts = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []));
    const maps = parts.flatMap((part) =>
      part.type === 'chunk'
        ? (part.map?.sources ?? [])
        : part.fileName.endsWith('.map')
          ? (JSON.parse(String(part.source)) as { sources: string[] }).sources
          : [],
    );
    const names = maps.map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? '');
    return new Set(names.filter((name) => name !== ''));
  }

  test('of everything that is shipped are there, each with its text', async () => {
    const text = readFileSync('dist/licences.txt', 'utf8');
    const [list = '', ...parts] = text.split(/={80}\n(.+)\n={80}\n/);
    const listed = [...list.matchAll(/^ {2}(\S+) [\d.]+ \(\S+\)$/gm)].map(([, name]) => name!);
    const sources = await mapped();
    expect(sources.size).toBeGreaterThan(20);
    expect([...sources].filter((name) => !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => name.startsWith('@fontsource'))).toHaveLength(2);
    // The two tools put a few lines of their own into what they build.
    const may = new Set([...shippable(), 'rolldown', 'vite']);
    expect(listed.filter((name) => !may.has(name))).toEqual([]);
    const texts = new Map(
      parts.flatMap((part, i) => (i % 2 === 0 ? [[part.split(' ')[0]!, parts[i + 1]!] as const] : [])),
    );
    for (const name of ['mmscope', ...listed]) {
      expect(texts.get(name)?.length, name).toBeGreaterThan(400);
      expect(texts.get(name), name).toMatch(/copyright|SIL OPEN FONT LICENSE/i);
    }
    for (const name of listed.filter((one) => one.startsWith('@fontsource')))
      expect(texts.get(name)).toContain('SIL OPEN FONT LICENSE');
  });

  test('are read in the page, and in the page as one file', async () => {
    const file = readFileSync('dist/licences.txt', 'utf8');
    for (const address of [site.url, pathToFileURL(resolve('dist/mmscope.html')).href]) {
      const { page, context, problems } = await site.visit(address);
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('menuitem', { name: 'Licences' }).click();
      const texts = page
        .getByRole('dialog', { name: 'Licences' })
        .getByRole('region', { name: 'Texts of the licences' });
      await expect.poll(async () => (await texts.textContent()) ?? '').toContain('Copyright');
      const shown = (await texts.textContent())!;
      if (address === site.url) expect(shown).toBe(file);
      // The build to one file may name more, but never less.
      for (const part of file.split(/={80}\n/).slice(1)) expect(shown).toContain(part.trim());
      expect(problems).toEqual([]);
      await context.close();
    }
  });
});

describe('the files for hosts', () => {
  const HOSTING = 'docs/hosting';
  const read = (name: string): string => readFileSync(join(HOSTING, name), 'utf8').replace(/^\s*#.*$/gm, '');

  test('keep others from showing the page in a frame, wherever it is hosted', () => {
    const rules = read('_headers')
      .trim()
      .split(/^(?=\S)/m);
    expect(rules[0]).toMatch(/^\/\*\n/);
    expect(rules[0]).toContain("\n  Content-Security-Policy: frame-ancestors 'self'\n");
    const apache = read('htaccess');
    expect(apache).toMatch(/^Header always set Content-Security-Policy "frame-ancestors 'self'"$/m);
    // A location of nginx with headers of its own has none of those around it.
    const [server, ...locations] = read('nginx.conf').split(/^location .*\{$/m);
    for (const part of [server!, ...locations])
      expect(part).toContain(`add_header Content-Security-Policy "frame-ancestors 'self'" always;`);
  });

  test('and the rule holds in a browser', async () => {
    const { page, context } = await site.visit('about:blank');
    const policy = /Content-Security-Policy: (.*)/.exec(read('_headers'))![1]!;
    await page.route(`${site.url}**`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, headers: { ...answer.headers(), 'content-security-policy': policy } });
    });
    const frames = async (course: string) => {
      await page.route(course, (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<iframe title="mmscope" src="${site.url}#ex=moving&embed=1">`,
        }),
      );
      await page.goto(course);
      await page.waitForTimeout(500);
      return page.frameLocator('iframe').getByRole('slider', { name: 'Step of the scenario' });
    };
    const own = await frames(new URL('/lesson.html', site.url).href);
    await own.waitFor();
    const foreign = await frames('http://127.0.0.1:9/lesson.html');
    expect(await foreign.count()).toBe(0);
    await context.close();
  });
});

/** Builds and serves the page without its pictures, and keeps two tabs of it. */
import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { build } from 'vite';
import { chromiumFlags, ensureChromium } from '../../scripts/chromium.mjs';
import { listen, staticServer } from '../../scripts/static.mjs';
import type { KeptPage } from './page';

declare global {
  interface Window {
    page?: KeptPage;
  }
}

export interface Harness {
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

const OUT = resolve('node_modules/.cache/mmscope/kept');

export async function openHarness(): Promise<Harness> {
  await build({
    configFile: false,
    root: resolve('test/kept'),
    base: './',
    worker: { format: 'es' },
    logLevel: 'error',
    build: {
      outDir: OUT,
      emptyOutDir: true,
      target: 'es2023',
      rollupOptions: { input: resolve('test/kept/page.html') },
    },
  });
  const server = staticServer({ root: OUT });
  const port = await listen(server, 0);
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
  return {
    url: `http://localhost:${port}/page.html`,
    browser,
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** One tab. What is done to it is done in the page, by the page's own functions. */
export class Tab {
  private constructor(
    readonly page: Page,
    readonly url: string,
  ) {}

  static async open(context: BrowserContext, url: string, hash = ''): Promise<Tab> {
    const tab = new Tab(await context.newPage(), url);
    await tab.page.goto(url + hash, { waitUntil: 'commit' });
    await tab.begun();
    return tab;
  }

  static async of(page: Page, url: string): Promise<Tab> {
    const tab = new Tab(page, url);
    await tab.begun();
    return tab;
  }

  async begun(): Promise<void> {
    await this.page.waitForFunction(() => window.page !== undefined, undefined, { polling: 10 });
  }

  /** Calls a function of the page. */
  call<K extends keyof KeptPage>(name: K, ...args: Parameters<KeptPage[K]>): Promise<Awaited<ReturnType<KeptPage[K]>>> {
    return this.page.evaluate(
      async ([which, given]) => (await (window.page![which] as (...all: unknown[]) => unknown)(...given)) as never,
      [name, args] as const,
    );
  }

  /** Its process ends. Where `real` is false, the page is left without a chance to do anything: what a crash leaves. */
  async crash(real: boolean): Promise<void> {
    if (real) {
      const client = await this.page.context().newCDPSession(this.page);
      const crashed = this.page.waitForEvent('crash');
      client.send('Page.crash').catch(() => undefined);
      await crashed;
    } else
      await this.page.evaluate(() => {
        for (const name of ['pagehide', 'beforeunload', 'visibilitychange'])
          window.addEventListener(name, (event) => event.stopImmediatePropagation(), { capture: true });
      });
    // A page whose process is gone may never say that it is closed.
    await Promise.race([this.page.close(), new Promise((done) => setTimeout(done, 2_000))]);
  }
}

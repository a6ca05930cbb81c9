import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { chromiumFlags, ensureChromium } from '../../scripts/chromium.mjs';
import { listen, staticServer } from '../../scripts/static.mjs';

/** A page of the built site, in a fresh profile. Everything a person would call broken is collected in `problems`. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Errors on the console, uncaught exceptions, refusals of the content security policy. */
  problems: string[];
  /** Every address that was asked for. */
  requests: string[];
}

export interface Site {
  browser: Browser;
  /** Where the site is served, ending in a slash: below a path of its own, as on a course's web server. */
  url: string;
  visit(address?: string, options?: Parameters<Browser['newContext']>[0]): Promise<Visit>;
  /** Ends the server, as if the network were gone; pages stay open. */
  unplug(): Promise<void>;
  close(): Promise<void>;
}

/** Serves the built site (`npm run build` beforehand) and starts a Chromium. Call it in `beforeAll`, and `close` in `afterAll`. */
export async function openSite(root = 'dist'): Promise<Site> {
  const path = '/courses/os/mmscope/';
  const server = staticServer({ root, path });
  const port = await listen(server, 0);
  const url = `http://localhost:${port}${path}`;
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
  const unplug = () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return {
    browser,
    url,
    unplug,
    async visit(address = url, options) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
      const page = await context.newPage();
      const problems: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      context.on('request', (request) => requests.push(request.url()));
      await page.goto(address);
      return { page, context, problems, requests };
    },
    async close() {
      await browser.close();
      await unplug();
    },
  };
}

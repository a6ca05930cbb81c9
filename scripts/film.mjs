/**
 * Films steps of a scenario, a frame every 100 ms of the page's own clock, at two sizes: `npm run -s film -- SCENARIO [STEP …]`.
 * Frames and one sheet of them all for each step go to `node_modules/.cache/mmscope/films`; the site must be built. Without a scenario every one of the library.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumFlags, ensureChromium } from './chromium.mjs';
import { listen, staticServer } from './static.mjs';

const FRAME = 100;
const FRAMES = 14;
const SIZES = [
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
];
const OUT = 'node_modules/.cache/mmscope/films';

const [only, ...steps] = process.argv.slice(2);
const names = readdirSync('src/scenario/library')
  .filter((file) => file.endsWith('.mm'))
  .map((file) => file.slice(0, -3));
const wanted = only === undefined ? names : names.filter((name) => name === only);
if (wanted.length === 0) {
  console.error(`usage: npm run -s film -- SCENARIO [STEP …], where SCENARIO is one of: ${names.join(', ')}`);
  process.exit(2);
}

const server = staticServer({ root: 'dist' });
const url = `http://localhost:${await listen(server, 0)}/`;
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
try {
  for (const name of wanted) for (const size of SIZES) await film(name, size);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}

/** @param {string} name @param {{ width: number, height: number }} size */
async function film(name, size) {
  const context = await browser.newContext({ viewport: size, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.clock.install({ time: 0 });
  await page.goto(`${url}#ex=${name}`);
  await page.locator('.picture svg text').first().waitFor({ state: 'attached' });
  // From here on only the film moves the page's clock.
  await page.clock.pauseAt(3_600_000);
  const slider = page.getByRole('slider', { name: 'Step of the scenario' });
  const n = Number(await slider.getAttribute('max'));
  const last = steps.length === 0 ? n : Math.max(...steps.map(Number));
  for (let k = 1; k <= last; k++) {
    // A step that waits for an answer is shown without one.
    const skip = page.getByRole('button', { name: 'Skip' });
    if (await skip.isVisible()) await skip.click();
    await page.keyboard.press('ArrowRight');
    while (Number(await slider.inputValue()) < k) await new Promise((done) => setTimeout(done, 20));
    if (steps.length > 0 && !steps.includes(String(k))) {
      await page.clock.runFor(2000);
      continue;
    }
    const folder = join(OUT, `${name}-${k}-${size.width}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    /** @type {string[]} */
    const frames = [];
    for (let i = 0; i < FRAMES; i++) {
      const file = join(folder, `${String(i * FRAME).padStart(4, '0')}.png`);
      await page.screenshot({ path: file });
      frames.push(file);
      await page.clock.runFor(FRAME);
    }
    await sheet(frames, `${folder}.png`, size);
    console.log(`${folder}.png`);
  }
  await context.close();
}

/** Every second frame of a step on one sheet. @param {string[]} frames @param {string} file @param {{ width: number, height: number }} size */
async function sheet(frames, file, { width, height }) {
  const columns = width > height ? 2 : 7;
  const w = width > height ? 720 : 200;
  const page = await browser.newPage({ viewport: { width: columns * (w + 8), height: 400 } });
  const cells = frames
    .map((one, i) =>
      width > height && i % 2 === 0
        ? ''
        : `<figure><img src="data:image/png;base64,${readFileSync(one).toString('base64')}"><figcaption>${i * FRAME} ms</figcaption></figure>`,
    )
    .join('');
  await page.setContent(
    `<style>body{margin:0;display:grid;grid-template-columns:repeat(${columns},${w}px);gap:8px;font:14px sans-serif}figure{margin:0}img{width:100%;border:1px solid #888}</style>${cells}`,
  );
  writeFileSync(file, await page.screenshot({ fullPage: true }));
  await page.close();
}

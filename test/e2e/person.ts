import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { encodeLink, PLAIN_VIEW } from '../../src/share/link';
import type { Site, Visit } from './site';

/** The address of a scenario with settings of the page, and of the design beside its own. */
export function hashOf(text: string, more: Record<string, string>, other = ''): string {
  const made = encodeLink(text, null, { ...PLAIN_VIEW, other, more });
  if (!made.ok) throw new Error(made.error.message);
  return `#${made.value}`;
}

/** Opens the page and waits until the machine shows its first moment. Motion is off, so that what is drawn is the end state. */
export async function visitPage(site: Site, hash = '', options: Parameters<Site['visit']>[1] = {}): Promise<Visit> {
  const visit = await site.visit(site.url + hash, { reducedMotion: 'reduce', ...options });
  await visit.page.getByRole('button', { name: /^As text: Address space/ }).waitFor();
  await visit.page.locator('.picture-address-space svg').first().waitFor();
  return visit;
}

export const stepBox = (page: Page): Locator => page.getByRole('textbox', { name: /^Step, 0 to/ });

/** The step that the page shows: the scrubber's, for the box may hold what is being typed. */
export const stepOf = async (page: Page): Promise<number> =>
  Number(await page.getByRole('slider', { name: 'Step of the scenario' }).inputValue());

/** Waits until the page shows a step. */
export async function atStep(page: Page, step: number): Promise<void> {
  await expect.poll(() => stepOf(page), { timeout: 10_000 }).toBe(step);
}

/** How many steps the scenario has. */
export async function stepsOf(page: Page): Promise<number> {
  return Number(/to (\d+)/.exec((await stepBox(page).getAttribute('aria-label')) ?? '')?.[1]);
}

/** Everything that the pictures show, all text and all marks, once nothing comes any more: a picture may load its view first. */
export async function drawn(page: Page): Promise<string> {
  const now = (): Promise<string> =>
    page
      .locator('main .picture svg')
      .evaluateAll((all) => all.map((svg) => svg.outerHTML.replace(/picture-\d+/g, '')).join('\n'));
  let last = await now();
  await expect
    .poll(async () => {
      const before = last;
      last = await now();
      return last === before && (await page.locator('main .picture:empty').count()) === 0;
    })
    .toBe(true);
  return last;
}

/** The scenario's lines as they are read, without their numbers. */
export async function lines(page: Page): Promise<string[]> {
  return page.getByRole('list', { name: 'Lines of the scenario' }).locator('li code').allTextContents();
}

/** Opens an operation's form by its button. */
async function openForm(page: Page, name: string): Promise<Locator> {
  await page.getByRole('group', { name: 'Add an operation' }).getByRole('button', { name, exact: true }).click();
  const form = page.getByRole('form', { name, exact: true });
  await form.waitFor();
  return form;
}

/** Adds an operation by its form, with some fields filled in, and waits for the step that it becomes. */
export async function addByForm(
  page: Page,
  name: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await stepOf(page);
  const form = await openForm(page, name);
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await form.getByRole('button', { name: /^Add / }).click();
  await atStep(page, before + 1);
}

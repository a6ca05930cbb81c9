/** Links: what stands after `#` in the address. Read at the start and when the address changes; written when the person shares. */
import type { Finish } from '../protocol/messages';
import {
  decodeLink,
  encodeLink,
  linkFingerprint,
  recoverText,
  type Link,
  type LinkTrouble,
  type View,
} from '../share/link';
import type { Session } from '../store/session';
import { embedSettings, readEmbed, roughSettings, type Embed } from './embed';
import { openText } from './start';
import { DRAWERS, tell, useUi } from './ui';
import { DEFAULT_DESIGN } from './catalogue';

/** Opens the scenario of a link in the place of the present one. Where it cannot, nothing changes and the person is told why: false. */
export async function openLink(session: Session, hash: string): Promise<boolean> {
  const named = /^#?ex=([\w-]{1,64})/.exec(hash);
  if (named) return openExample(session, named[1], hash);
  const link = decodeLink(hash);
  if (!link.ok) {
    useUi.getState().set({ badLink: { kind: 'broken', message: link.error.message, text: recoverText(hash) } });
    return false;
  }
  const { text, view, notice, fingerprint } = link.value;
  if (notice) tell('told', notice);
  const design = designIn(view.design);
  const options = { at: { k: view.k, event: view.event }, design, other: designIn(view.other) };
  await openText(session, text, options, { address: hash });
  await dressView(session, view);
  if (fingerprint !== null) void holdTo(session, link.value);
  return true;
}

/** Runs to the end, and tells where that is not the end that the link was made with. */
async function holdTo(session: Session, { fingerprint, operations, text }: Link): Promise<void> {
  const finish = await session.finish();
  if (finish === null || linkFingerprint(finish.fingerprint) === fingerprint) return;
  useUi.getState().set({ badLink: { kind: 'differs', message: differenceText(finish, operations), text } });
}

function differenceText({ n, unexpected, differences }: Finish, operations: number): string {
  const ran = n < operations ? `Only ${n} of its ${operations} operations run here. ` : '';
  const [first] = differences;
  const found =
    unexpected === 0
      ? ''
      : ` ${unexpected === 1 ? 'One line comes' : `${unexpected} lines come`} to something else than the scenario says, first step ${first.k} on line ${first.line}: ${first.text}.`;
  return (
    'The link came whole, and its scenario stands on the page. But when the link was made, the run ended in another state ' +
    `of memory than it does here: this mmscope carries some operation out otherwise. ${ran}${found}`.trim()
  );
}

/** A design by the rules of another time is `ops@2.6.20`, and a link holds no `@`. */
const inLink = (design: string): string => design.replace('@', '--');
const designIn = (name: string): string => name.replace('--', '@');

/** `#ex=fork-small&s=12`: a scenario of the library by its name. */
async function openExample(session: Session, name: string, hash: string): Promise<boolean> {
  const { exampleNamed, LIBRARY } = await import('../scenario/library');
  const example = exampleNamed(name);
  const { s, d = '', c = '', ...more } = roughSettings(hash.replace(/^#?/, '#').replace('ex=', 'name='));
  if (example === undefined) {
    const all = LIBRARY.flatMap(({ examples }) => examples.map((one) => one.name));
    const message = `The library has no scenario called “${name}”. It has: ${all.join(', ')}.`;
    useUi.getState().set({ badLink: { kind: 'broken', message, text: '' } });
    return false;
  }
  const k = /^\d{1,9}$/.test(s ?? '') ? Number(s) : 0;
  const options = { at: { k, event: null }, design: designIn(d), other: designIn(c) };
  await openText(session, example.text, options, { address: hash });
  await dressView(session, { k, event: null, design: d, other: c, more });
  return true;
}

/** The page's own settings of a link, by short names: process, window of addresses, drawer, compared picture. */
async function dressView(session: Session, { other, more }: View): Promise<void> {
  const { set } = useUi.getState();
  const embed = readEmbed(more);
  const drawer = DRAWERS.find((one) => one === more.b);
  const compared = (['tables', 'space', 'pool'] as const).find((one) => one === more.q);
  set({ embed, ...(drawer ? { drawer } : {}), ...(compared ? { compared } : {}) });
  if (embed?.steps && session.store.getState().time.place.k < embed.steps.from)
    await session.go({ k: embed.steps.from, event: null });
  const { want } = session.store.getState();
  const who = /^\d{1,6}$/.test(more.w ?? '') ? Number(more.w) : want.who;
  const range = /^([0-9a-f]{1,13})-([0-9a-f]{1,13})$/.exec(more.a ?? '');
  const window = range ? { start: Number.parseInt(range[1], 16), end: Number.parseInt(range[2], 16) } : undefined;
  if (who !== want.who || window?.start !== want.areas.window?.start || window?.end !== want.areas.window?.end)
    await session.want({ who, areas: { ...want.areas, window }, frames: { ...want.frames, who, from: 0 } });
  if (other !== '') await session.compare();
}

/** What of the view differs from the usual. */
function viewSettings(session: Session): Record<string, string> {
  const { want, scenario } = session.store.getState();
  const { drawer, compared } = useUi.getState();
  const settings: Record<string, string> = {};
  const { window } = want.areas;
  if (want.who !== 0) settings.w = String(want.who);
  if (window) settings.a = `${window.start.toString(16)}-${window.end.toString(16)}`;
  if (drawer !== 'path') settings.b = drawer;
  if (scenario.loaded?.other && compared !== 'tables') settings.q = compared;
  return settings;
}

export interface LinkOptions {
  /** At the step shown, or at the start. */
  readonly here: boolean;
  /** Of the state at the end; null where it is not known. */
  readonly fingerprint: number | null;
  /** For a frame; null for the whole page. */
  readonly embed: Embed | null;
}

/** The address of this page with the scenario in it. */
export function linkTo(
  session: Session,
  { here, fingerprint, embed }: LinkOptions,
): { ok: true; url: string } | { ok: false; error: LinkTrouble } {
  const { scenario, time } = session.store.getState();
  const { loaded, text } = scenario;
  const named = /^design:[ \t]*(\S+)/m.exec(text)?.[1] ?? DEFAULT_DESIGN;
  const link = encodeLink(text, fingerprint, {
    k: here ? time.place.k : (embed?.steps?.from ?? 0),
    event: here ? time.place.event : null,
    design: loaded && loaded.design !== named ? inLink(loaded.design) : '',
    other: inLink(loaded?.other ?? ''),
    more: { ...(here ? viewSettings(session) : {}), ...(embed ? embedSettings(embed) : {}) },
  });
  if (!link.ok) return link;
  return { ok: true, url: `${location.href.replace(/#.*$/s, '')}#${link.value}` };
}

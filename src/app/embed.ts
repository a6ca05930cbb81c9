/** How the page stands in a frame of a course page: which panes, which steps, which theme. It comes with the link and is never kept. */
import { PLACES, THEMES, type PanePlace, type Theme } from './ui';

export interface Embed {
  /** At least one, in the order of `PLACES`. */
  readonly panes: readonly PanePlace[];
  /** Steps that can be reached, both included; null for all. */
  readonly steps: { readonly from: number; readonly to: number } | null;
  /** Null leaves it to the reader's system. */
  readonly theme: Exclude<Theme, 'system'> | null;
  /** Whether single letters and signs act as shortcuts. */
  readonly keys: boolean;
}

export const USUAL_EMBED: Embed = { panes: ['space', 'tables', 'pool'], steps: null, theme: null, keys: true };

/** What a link's settings say of it; null where they ask for the whole page. What makes no sense is as usual. */
export function readEmbed(settings: Readonly<Record<string, string>>): Embed | null {
  if (settings.embed !== '1') return null;
  const named = new Set((settings.panes ?? '').split('.'));
  const panes = PLACES.filter((place) => named.has(place));
  const range = /^(\d{1,6})-(\d{1,6})$/.exec(settings.steps ?? '');
  const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, -1];
  const theme = THEMES.find((one) => one === settings.theme);
  return {
    panes: panes.length > 0 ? panes : USUAL_EMBED.panes,
    steps: from <= to ? { from, to } : null,
    theme: theme === undefined || theme === 'system' ? null : theme,
    keys: settings.keys !== '0',
  };
}

/** The settings that say so; what is as usual is left out. `readEmbed` reads them back. */
export function embedSettings({ panes, steps, theme, keys }: Embed): Record<string, string> {
  const settings: Record<string, string> = { embed: '1' };
  if (panes.join() !== USUAL_EMBED.panes.join()) settings.panes = panes.join('.');
  if (steps !== null) settings.steps = `${steps.from}-${steps.to}`;
  if (theme !== null) settings.theme = theme;
  if (!keys) settings.keys = '0';
  return settings;
}

/** Settings behind the first `&`, before anything is checked: enough to know how to lay out the page. */
export function roughSettings(hash: string): Record<string, string> {
  const pairs = hash
    .slice(1)
    .split('&')
    .map((part) => /^([a-z]{1,12})=([\w.-]{1,64})$/.exec(part));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
}

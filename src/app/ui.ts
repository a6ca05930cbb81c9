/** How the page is arranged for this person: theme, sizes, which drawer and which dialog is open. Never part of a scenario. */
import { create } from 'zustand';
import type { Moment } from '../history/picture';
import type { Imported } from '../protocol/import';
import type { Finish } from '../protocol/messages';
import type { AddressRange } from '../views/view';
import type { Embed } from './embed';
import type { Anchor } from './parts/anchor';
import { keep, kept } from './storage';

export const THEMES = ['system', 'light', 'dark', 'projector'] as const;
export type Theme = (typeof THEMES)[number];
export const DRAWERS = ['path', 'source', 'proc', 'inspector'] as const;
export type Drawer = (typeof DRAWERS)[number];
/** What one column shows on a small screen. */
export const PLACES = ['scenario', 'space', 'tables', 'pool', 'drawer'] as const;
export type PanePlace = (typeof PLACES)[number];
/** The wall comes beside them where there are two processes. */
export type Place = PanePlace | 'wall';
export type DialogName =
  | 'keys'
  | 'library'
  | 'share'
  | 'command'
  | 'rules'
  | 'settings'
  | 'argument'
  | 'open'
  | 'kept'
  | 'licences'
  | 'imported'
  | 'export'
  | 'handout';

export const ARGUMENT_TABS = ['designs', 'differences', 'ledger', 'bench', 'tlb'] as const;
/** Parts of the argument's dialog. */
export type ArgumentTab = (typeof ARGUMENT_TABS)[number];

/** Widths of the side panes and height of the drawer, in rem; null is what the stylesheet gives. */
export interface Sizes {
  left: number | null;
  space: number | null;
  right: number | null;
  drawer: number | null;
}

/** A form, and what it hangs on. */
export interface OpenForm {
  readonly name: string;
  readonly anchor: Anchor;
  readonly beside: boolean;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'told' | 'trouble';
  readonly text: string;
  /** What can be done about it. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

export type Predict = NonNullable<Moment['predict']>;

interface Settings {
  theme: Theme;
  /** Whether single letters and signs act as shortcuts (WCAG 2.1.4). */
  singleKeys: boolean;
  /** Pictures as text: trees and tables in their place. */
  twins: boolean;
  sizes: Sizes;
}

export interface Ui extends Settings {
  drawer: Drawer;
  place: Place;
  dialog: DialogName | null;
  /** Which part of the argument its dialog shows. */
  argument: ArgumentTab;
  /** The stop of the told history, in the place of the scenario; null while nobody takes the tour. */
  tour: number | null;
  /** Large type, only what a room needs to see. */
  presenting: boolean;
  /** What lies behind the pictures is shown in a room too, where it is closed at first. */
  behind: boolean;
  /** Pixels at the foot of the stage that lie under cards. */
  covered: number;
  /** The wall of two processes: open, closed for this run, or (`auto`) to open by itself at a fork. */
  wall: 'auto' | 'open' | 'closed';
  /** The card above the strip is open. */
  more: boolean;
  /** The stage is black: all eyes on the person who speaks. */
  blank: boolean;
  /** Place of the viewport at which the menu of the selected mark is open. */
  menu: { readonly x: number; readonly y: number } | null;
  /** The operation whose form is open. */
  form: OpenForm | null;
  /** Addresses that the selected mark stands for, where it is less than its area. */
  range: AddressRange | null;
  /** A link that could not be opened, or whose run now ends otherwise: why, and what could be saved of it. */
  badLink: { readonly kind: 'broken' | 'differs'; readonly message: string; readonly text: string } | null;
  /** Files that were dropped or chosen, or a text that was pasted, to be opened or imported. */
  incoming: readonly (File | string)[] | null;
  /** What came of the last import; `finish` is null until the run's end is known. */
  imported: { readonly summary: Imported; readonly finish: Finish | null } | null;
  /** The page stands in a frame of another, and shows less; null for all of it. */
  embed: Embed | null;
  /** Answers to the scenario's questions, by the step before: index of a choice, −1 where it was skipped. */
  answers: Readonly<Partial<Record<number, { readonly predict: Predict; readonly chosen: number }>>>;
  /** Counts how often somebody wanted to step past a question that had no answer. */
  asked: number;
  /** What the page itself has to tell, newest last. */
  notices: readonly Notice[];
  /** What was typed for the command box before it had come. */
  ahead: string;
  /** Figures typed so far, to go to a step. */
  digits: string;
  /** Counts how often everything was asked to fit its pane. */
  fits: number;
  /** Which picture stands in both columns of a comparison. */
  compared: 'tables' | 'space' | 'pool';
  readonly set: (change: Partial<Omit<Ui, 'set'>>) => void;
}

const DEFAULTS: Settings = {
  theme: 'system',
  singleKeys: true,
  twins: false,
  sizes: { left: null, space: null, right: null, drawer: null },
};

const KEY = 'settings';

function restored(): Settings {
  const text = kept(KEY);
  if (text === null) return DEFAULTS;
  try {
    const said = JSON.parse(text) as Partial<Settings>;
    const size = (n: unknown) => (typeof n === 'number' && n > 4 && n < 120 ? n : null);
    return {
      theme: THEMES.includes(said.theme ?? 'system') ? (said.theme ?? 'system') : 'system',
      singleKeys: said.singleKeys !== false,
      twins: said.twins === true,
      sizes: {
        left: size(said.sizes?.left),
        space: size(said.sizes?.space),
        right: size(said.sizes?.right),
        drawer: size(said.sizes?.drawer),
      },
    };
  } catch {
    return DEFAULTS;
  }
}

export const useUi = create<Ui>()((set) => ({
  ...restored(),
  drawer: 'path',
  place: 'space',
  dialog: null,
  argument: 'designs',
  tour: null,
  presenting: false,
  behind: false,
  covered: 0,
  wall: 'auto',
  more: false,
  blank: false,
  menu: null,
  form: null,
  range: null,
  badLink: null,
  incoming: null,
  imported: null,
  embed: null,
  answers: {},
  asked: 0,
  notices: [],
  ahead: '',
  digits: '',
  fits: 0,
  compared: 'tables',
  set,
}));

let nextNotice = 1;

/** Tells the person something that is the page's own affair. */
export function tell(kind: Notice['kind'], text: string, action?: Notice['action']): void {
  const { notices, set } = useUi.getState();
  const notice = { id: nextNotice++, kind, text, ...(action ? { action } : {}) };
  set({ notices: [...notices.filter((one) => one.text !== text), notice].slice(-5) });
}

export function dismiss(id: number): void {
  const { notices, set } = useUi.getState();
  set({ notices: notices.filter((one) => one.id !== id) });
}

useUi.subscribe(({ theme, singleKeys, twins, sizes }, before) => {
  if (theme === before.theme && singleKeys === before.singleKeys && twins === before.twins && sizes === before.sizes)
    return;
  keep(KEY, JSON.stringify({ theme, singleKeys, twins, sizes }));
});

const dark = () => matchMedia('(prefers-color-scheme: dark)');

/** The theme that is drawn: `system` is what the system asks for. */
export function drawnTheme(theme: Theme): Exclude<Theme, 'system'> {
  if (theme !== 'system') return theme;
  return dark().matches ? 'dark' : 'light';
}

/** Keeps the root element's attributes in step with theme and presenting; returns what undoes it. */
export function dressPage(): () => void {
  const root = document.documentElement;
  const dress = () => {
    const { theme, presenting } = useUi.getState();
    root.dataset.theme = 'handout' in root.dataset ? 'projector' : drawnTheme(theme);
    root.toggleAttribute('data-present', presenting);
  };
  dress();
  // Paper is white, and a copying machine knows no greys.
  const print = () => (root.dataset.theme = 'projector');
  const query = dark();
  query.addEventListener('change', dress);
  addEventListener('beforeprint', print);
  addEventListener('afterprint', dress);
  const off = useUi.subscribe(dress);
  return () => {
    query.removeEventListener('change', dress);
    removeEventListener('beforeprint', print);
    removeEventListener('afterprint', dress);
    off();
  };
}

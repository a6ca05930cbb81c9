/** The keys of the page: one listener, commands by chord. Nothing acts in a text field, and single keys can be switched off. */

/** A command as the sheet, the menu and the command box show it. */
export interface Command {
  readonly id: string;
  readonly name: string;
  /** Chords as `chordOf` writes them; the first is shown. */
  readonly keys: readonly string[];
  readonly enabled?: boolean;
  run(): void;
}

/** `Shift+ArrowRight`, `Ctrl+k`, `?`. Cmd counts as Ctrl. A sign that needs Shift on some keyboards stands for itself. */
function chordOf(event: KeyboardEvent): string {
  const { key } = event;
  const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  const alt = event.altKey ? 'Alt+' : '';
  const plain = key.length === 1;
  const shift = event.shiftKey && (!plain || ctrl !== '') ? 'Shift+' : '';
  return `${ctrl}${alt}${shift}${key === ' ' ? 'Space' : plain ? key.toLowerCase() : key}`;
}

/** A letter, figure or sign alone: what may be switched off (WCAG 2.1.4). */
const isSingleKey = (chord: string): boolean => [...chord].length === 1;

const TEXT_FIELD =
  'textarea, [contenteditable], select, [role="menu"], input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"])';

/** Whether this key belongs to what has the focus rather than to the page. */
function belongsToFocus(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TEXT_FIELD)) return true;
  if (document.querySelector('dialog[open]')) return true;
  if (chord === 'Space' || chord === 'Enter')
    return target.closest('button, summary, a, [role="treeitem"], input') !== null;
  if (/^(Arrow|Home|End)/.test(chord)) return target.closest('[popover], [role="separator"], [role="region"]') !== null;
  return target.closest('[popover] form') !== null;
}

/** How a chord is printed: `Shift →`. */
export function chordText(chord: string): string {
  return chord
    .split(/\+(?=.)/)
    .map(
      (part) =>
        ({
          ArrowRight: '→',
          ArrowLeft: '←',
          ArrowUp: '↑',
          ArrowDown: '↓',
          PageDown: 'Page Down',
          PageUp: 'Page Up',
          Escape: 'Esc',
        })[part] ?? (part.length === 1 && chord.includes('+') ? part.toUpperCase() : part),
    )
    .join(' ');
}

export interface KeyState {
  readonly singleKeys: boolean;
  readonly commands: readonly Command[];
  /** Figures typed so far, to go to a step. */
  readonly digits: string;
  setDigits(digits: string): void;
  goTo(step: number): void;
}

/** What a key press does. True if it did something. */
export function press(event: KeyboardEvent, state: KeyState): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const chord = chordOf(event);
  if (belongsToFocus(event.composedPath()[0] ?? null, chord)) return false;
  if (state.singleKeys && /^\d$/.test(chord)) {
    state.setDigits((state.digits + chord).slice(0, 9));
    return true;
  }
  if (state.digits !== '') {
    if (chord === 'Enter') {
      state.goTo(Number(state.digits));
      state.setDigits('');
      return true;
    }
    state.setDigits(chord === 'Backspace' ? state.digits.slice(0, -1) : '');
    if (chord === 'Escape' || chord === 'Backspace') return true;
  }
  if (isSingleKey(chord) && !state.singleKeys) return false;
  const command = state.commands.find(({ keys, enabled }) => enabled !== false && keys.includes(chord));
  if (!command) return false;
  command.run();
  return true;
}

/**
 * Gives the keys back to the page after a choice by pointer: a list, a slider or a tab that was clicked keeps the arrows
 * otherwise, and the next press would not be a step. Whoever chooses by keyboard stays where they are. Returns what ends it.
 */
export function releaseAfterPointer(): () => void {
  let byPointer = false;
  const noted = (event: Event) => {
    byPointer = event.type === 'pointerdown';
  };
  const release = (element: Element | null) => {
    if (byPointer && element instanceof HTMLElement) element.blur();
  };
  const events: readonly (readonly [string, (event: Event) => void])[] = [
    ['pointerdown', noted],
    ['keydown', noted],
    ['change', ({ target }) => release((target as Element).closest('select, input[type="range"]'))],
    ['click', ({ target }) => release((target as Element).closest('[role="tab"]'))],
  ];
  for (const [name, listener] of events) document.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of events) document.removeEventListener(name, listener, true);
  };
}

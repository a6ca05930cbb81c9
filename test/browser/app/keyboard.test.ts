import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chordText, press, type KeyState } from '../../../src/app/keyboard';

let did: string[];
let digits: string;
let singleKeys: boolean;

const command = (id: string, ...keys: string[]) => ({ id, name: id, keys, run: () => void did.push(id) });
const state = (): KeyState => ({
  singleKeys,
  digits,
  setDigits: (typed) => (digits = typed),
  goTo: (step) => void did.push(`step ${step}`),
  commands: [
    command('next', 'ArrowRight', 'PageDown'),
    command('next operation', 'Shift+ArrowRight'),
    command('play', 'Space'),
    command('sheet', '?'),
    command('undo', 'Ctrl+z'),
    command('redo', 'Ctrl+Shift+z'),
    { ...command('never', 'x'), enabled: false },
  ],
});

/** Presses a key on an element, as the page hears it. */
function on(element: Element, key: string, more: KeyboardEventInit = {}): boolean {
  let done = false;
  const listen = (event: Event) => {
    done = press(event as KeyboardEvent, state());
  };
  document.addEventListener('keydown', listen);
  element.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more }),
  );
  document.removeEventListener('keydown', listen);
  return done;
}

function make(html: string): HTMLElement {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
}

beforeEach(() => {
  did = [];
  digits = '';
  singleKeys = true;
});
afterEach(() => {
  document.body.innerHTML = '';
});

describe('a key', () => {
  test('finds its command, with its modifiers; Cmd counts as Ctrl; a capital is Shift', () => {
    on(document.body, 'ArrowRight');
    on(document.body, 'ArrowRight', { shiftKey: true });
    on(document.body, '?', { shiftKey: true });
    on(document.body, 'z', { metaKey: true });
    on(document.body, 'Z', { ctrlKey: true, shiftKey: true });
    on(document.body, ' ');
    expect(did).toEqual(['next', 'next operation', 'sheet', 'undo', 'redo', 'play']);
  });

  test('of a command that cannot run now does nothing', () => {
    expect(on(document.body, 'x')).toBe(false);
  });

  test('acts in no text field, also not in one of a shadow tree', () => {
    const host = make('<div></div>');
    const inner = host.attachShadow({ mode: 'open' });
    inner.innerHTML = '<div contenteditable="true"></div>';
    on(inner.firstElementChild!, '?');
    for (const html of ['<input>', '<textarea></textarea>', '<select></select>', '<div contenteditable></div>'])
      on(make(html), '?');
    expect(did).toEqual([]);
  });

  test('Space and Enter belong to a button, arrows do not; on a slider Page Down is the page’s', () => {
    const button = make('<button></button>');
    on(button, ' ');
    on(button, 'ArrowRight');
    on(make('<input type="range">'), 'PageDown');
    expect(did).toEqual(['next', 'next']);
  });

  test('does nothing behind an open dialog', () => {
    const dialog = make('<dialog></dialog>') as HTMLDialogElement;
    dialog.showModal();
    on(document.body, 'ArrowRight');
    dialog.close();
    expect(did).toEqual([]);
  });
});

describe('single keys', () => {
  test('can be switched off; others go on', () => {
    singleKeys = false;
    on(document.body, '?');
    on(document.body, '4');
    on(document.body, 'ArrowRight');
    on(document.body, 'z', { ctrlKey: true });
    expect(did).toEqual(['next', 'undo']);
    expect(digits).toBe('');
  });

  test('that are figures, then Enter, go to a step; Backspace takes one back, anything else forgets them', () => {
    for (const key of ['1', '2', '3', 'Backspace', 'Enter']) on(document.body, key);
    expect(did).toEqual(['step 12']);
    for (const key of ['7', 'ArrowRight', 'Enter']) on(document.body, key);
    expect(did).toEqual(['step 12', 'next']);
    expect(digits).toBe('');
  });
});

test('a chord is printed as it stands on the keys', () => {
  expect(['Shift+ArrowRight', 'PageDown', 'Ctrl+k', '/', 'Space', '>'].map(chordText)).toEqual([
    'Shift →',
    'Page Down',
    'Ctrl K',
    '/',
    'Space',
    '>',
  ]);
});

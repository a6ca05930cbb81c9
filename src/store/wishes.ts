/**
 * What is to be shown next, in the order it was asked for. No key press is dropped, and none takes another's place: moves
 * wait for one another and for every change of what is loaded. Pictures between them may be left out.
 */
import type { Move, Place } from '../protocol/messages';
import type { State } from './state';

export type Motion = State['time']['motion'];

export type Wish =
  /** What is asked for by `want` and the selection has changed, the moment has not. */
  | { readonly kind: 'again' }
  | { readonly kind: 'go'; readonly at: Place; readonly motion: Motion }
  | { readonly kind: 'move'; readonly move: Move }
  /** A statement behind the moment that the wishes before have led to. */
  | { readonly kind: 'insert'; readonly statement: string };

/** How carrying a wish out went: `later` for one that a change of what is loaded came before. */
export type Came = 'done' | 'later' | 'given up';

/** Where it leads does not depend on where one stands: what was asked for before has no effect any more. */
const isAbsolute = (wish: Wish): boolean =>
  wish.kind === 'go' || (wish.kind === 'move' && (wish.move === 'first' || wish.move === 'last'));

export interface Wishes {
  /** Asks for it after all others. Resolves when no wish is left. */
  add(wish: Wish): Promise<void>;
  /** Asks for it before all others: what a change of the scenario leads to. */
  addFirst(wish: Wish): Promise<void>;
  /** Forgets all of them. */
  clear(): void;
  /** Whether a move or a jump waits behind the one under way: nobody will look at what that one leads to. */
  readonly more: boolean;
  /** Resolves when no wish is left. */
  idle(): Promise<void>;
}

export interface Carrying {
  /** Resolves when the changes of what is loaded that are under way are done; null while there are none. */
  changing(): Promise<unknown> | null;
  carryOut(wish: Wish): Promise<Came>;
  /** A jump was asked for while another wish is carried out: that one may end early. */
  overtaken(): void;
}

export function createWishes({ changing, carryOut, overtaken }: Carrying): Wishes {
  let waiting: Wish[] = [];
  /** Goes before those that wait, the one under way among them if it has to be carried out again. */
  let first: Wish | null = null;
  let under: Wish | null = null;
  let carrying: Promise<void> | null = null;

  async function carryAll(): Promise<void> {
    for (;;) {
      // A turn for whatever else is wished for in the same breath.
      await changing();
      if (changing() !== null) continue;
      const leads = first !== null;
      const wish = first ?? waiting.shift();
      first = null;
      if (wish === undefined) {
        carrying = null;
        return;
      }
      under = wish;
      const came = await carryOut(wish);
      // Not if it was cleared or overtaken meanwhile.
      if (came === 'later' && under === wish) {
        if (leads) first ??= wish;
        else waiting.unshift(wish);
      }
      under = null;
    }
  }

  function carry(): Promise<void> {
    carrying ??= carryAll().catch((error: unknown) => {
      carrying = null;
      throw error;
    });
    return carrying;
  }

  function clear(): void {
    waiting = [];
    first = null;
    under = null;
  }

  return {
    add(wish) {
      if (isAbsolute(wish)) {
        if (under !== null) overtaken();
        clear();
      }
      // Whatever is shown last is shown as it is asked for then.
      if (wish.kind !== 'again' || waiting.length === 0) waiting.push(wish);
      return carry();
    },
    addFirst(wish) {
      first = wish;
      return carry();
    },
    clear,
    get more() {
      return waiting.some(({ kind }) => kind !== 'again');
    },
    idle: () => carrying ?? Promise.resolve(),
  };
}

/**
 * What moves in a step, as data: the beats of each kind of operation. A beat says which pictures have arrived, what is
 * joined by wires while it lasts, and what travels. See README.md for the choreographies.
 */
import type { Phase, PhaseKind, Pictures, Slot } from '../../history/picture';
import { actorsOf, wayDown, type Actors } from './actors';
import type { Anchor, Beat, BeatKind, Shown, Step, Travel, Wire } from './types';

/** Entries and pages that are followed one by one, at most. */
const FOLLOWED = 6;

const NOTHING: Shown = { areas: false, tables: 'before', memory: false };
const ALL: Shown = { areas: true, tables: 'after', memory: true };

/** The beats of a step; none where nothing can be told of it (a jump, a moment inside an operation). */
export function beatsOf(step: Step): readonly Beat[] {
  const { moment } = step.after;
  if (moment.event !== null || moment.statement === null || moment.phases.length === 0) return [];
  const kinds = new Set(moment.phases.map(({ kind }) => kind));
  const teller = tellerOf(moment.statement.kind, kinds);
  return teller(new Stage(step, actorsOf(step)));
}

type Teller = (stage: Stage) => Beat[];

/** Which choreography an operation has: by what it did, not by what it is called. */
function tellerOf(kind: NonNullable<Pictures['moment']['statement']>['kind'], did: ReadonlySet<PhaseKind>): Teller {
  if (did.has('signal')) return stopped;
  if (did.has('refuse')) return refused;
  if (kind === 'pool') return resized;
  if (kind === 'fork') return forked;
  if (kind === 'touch') return did.has('copy') ? copied : did.has('allocate') ? given : shared;
  if (kind === 'map') return did.has('map') ? populated : mapped;
  if (kind === 'move') return travelled;
  if (kind === 'unmap' || kind === 'exit') return unmapped;
  if (did.has('unmap') && did.has('map')) return rebuilt;
  if (did.has('unmap') || did.has('free')) return letGo;
  return changed;
}

/** What a choreography is made with: the step, who acts in it, and wires between them. */
class Stage {
  constructor(
    readonly step: Step,
    readonly actors: Actors,
  ) {}

  get slot(): Slot {
    return this.actors.slot;
  }

  beat(kind: BeatKind, shown: Shown, wires: readonly (Wire | null)[] = [], travels: readonly Travel[] = []): Beat {
    return { kind, shown, wires: wires.filter((one) => one !== null), travels };
  }

  wire(key: string, from: Anchor | null, to: Anchor | null, given: Partial<Wire> = {}): Wire | null {
    if (from === null || to === null) return null;
    return { key, from, to, look: 'plain', slot: this.slot, stays: 'rest', at: 0, ...given };
  }

  /** From the line of the scenario to what it is about. */
  ask(to: Anchor | null = this.actors.area): Wire | null {
    return this.wire('ask', { view: 'scenario', refs: [], name: 'the line' }, to);
  }

  /** From the area down the levels to the entry, one wire a level, one after the other. */
  walk(): Wire[] {
    const way = wayDown(this.step, this.actors.entry);
    const wires = way.map((to, i) =>
      this.wire(`walk-${i}`, i === 0 ? this.actors.area : way[i - 1]!, to, {
        at: i / way.length,
        // The tree draws the way to the entry itself, when it is there.
        ...(i > 0 ? { down: true, stays: 'step' } : {}),
      }),
    );
    return wires.filter((one) => one !== null);
  }

  /** From the entry to its page. */
  reach(): Wire | null {
    return this.wire('reach', this.actors.entry, this.actors.page);
  }

  /** Pages on their way into their entries, or home. */
  travels(which: 'in' | 'out'): Travel[] {
    const pairs = this.actors.pairs.slice(0, FOLLOWED);
    return pairs.map(({ entry, page, slot }, i) => ({
      key: `travel-${i}`,
      from: which === 'in' ? page : entry,
      to: which === 'in' ? entry : page,
      slot,
    }));
  }
}

/** A page that nobody had: ask, walk, and it travels from the pool or the free frames into its entry. */
function given(stage: Stage): Beat[] {
  return [
    stage.beat('ask', NOTHING, [stage.ask()]),
    stage.beat('walk', { ...NOTHING, tables: 'ways' }, stage.walk()),
    stage.beat('give', { ...NOTHING, tables: 'ways', memory: true }, [stage.reach()], stage.travels('in')),
  ];
}

/** A page that is there already (the zero page, the page cache, an entry that only needs a bit, a hit): the wire ends in it. */
function shared(stage: Stage): Beat[] {
  return [
    stage.beat('ask', NOTHING, [stage.ask()]),
    stage.beat('walk', { ...NOTHING, tables: 'ways' }, stage.walk()),
    stage.beat('share', { ...NOTHING, tables: 'ways', memory: true }, [stage.reach()]),
  ];
}

/** Copy on write: the shared page tears in two, and the other half goes to the writer's entry. */
function copied(stage: Stage): Beat[] {
  const { source, page } = stage.actors;
  const tear: Travel[] =
    source === null || page === null ? [] : [{ key: 'tear', from: source, to: page, slot: stage.slot, tears: true }];
  return [
    stage.beat('ask', NOTHING, [stage.ask()]),
    stage.beat('walk', { ...NOTHING, tables: 'ways' }, [
      ...stage.walk(),
      stage.wire('shares', stage.actors.entry, source, { stays: 'beat' }),
    ]),
    stage.beat('copy', { ...NOTHING, tables: 'ways', memory: true }, [], tear),
    stage.beat('give', { ...NOTHING, tables: 'ways', memory: true }, [stage.reach()], stage.travels('in')),
  ];
}

/** A new area grows out of its gap; pages that are promised to it are marked where they are. */
function mapped(stage: Stage): Beat[] {
  const grows = stage.beat('ask', { ...NOTHING, areas: true }, [stage.ask()]);
  const { promised } = stage.actors;
  if (promised === null) return [grows];
  const promise = stage.wire('promise', stage.actors.area, promised, { look: 'promise', stays: 'step' });
  return [grows, stage.beat('promise', { ...NOTHING, areas: true, memory: true }, [promise])];
}

/** An area that is filled at once. */
function populated(stage: Stage): Beat[] {
  const grown = { ...NOTHING, areas: true };
  return [
    stage.beat('ask', grown, [stage.ask()]),
    stage.beat('walk', { ...grown, tables: 'ways' }, stage.walk()),
    stage.beat('give', { ...grown, tables: 'ways', memory: true }, [stage.reach()], stage.travels('in')),
  ];
}

/** Entries let go, pages go home, the area closes into a gap. */
function unmapped(stage: Stage): Beat[] {
  const steps = letGo(stage);
  return [...steps, stage.beat('close', { ...ALL, areas: true })];
}

/** As `unmapped`, but the area stays: madvise, truncation. */
function letGo(stage: Stage): Beat[] {
  const { pairs } = stage.actors;
  const loose = pairs
    .slice(0, FOLLOWED)
    .map(({ entry, page, slot }, i) => stage.wire(`loose-${i}`, entry, page, { slot, stays: 'beat' }));
  const beats = [stage.beat('ask', NOTHING, [stays(stage.ask(), 'beat'), ...loose])];
  if (pairs.length > 0 || stage.actors.entry !== null) beats.push(stage.beat('letgo', { ...NOTHING, tables: 'after' }));
  if (pairs.length > 0 || stage.actors.memoryMoved)
    beats.push(stage.beat('home', { ...NOTHING, tables: 'after', memory: true }, [], stage.travels('out')));
  return beats;
}

const stays = (wire: Wire | null, how: Wire['stays']): Wire | null => (wire === null ? null : { ...wire, stays: how });

/** Entries change their look where they are, one after the other. */
function changed(stage: Stage): Beat[] {
  const asks = stage.beat('ask', { ...NOTHING, areas: true }, [stage.ask()]);
  if (!stage.actors.tablesMoved && !stage.actors.memoryMoved) return [asks];
  return [asks, stage.beat('change', { ...ALL }, [])];
}

/** Both processes lose the right to write, and every page has one holder more. */
function forked(stage: Stage): Beat[] {
  return [
    stage.beat('ask', { ...NOTHING, areas: true }, [stays(stage.ask(), 'beat')]),
    stage.beat('change', { areas: true, tables: 'after', memory: false }),
    stage.beat('share', { areas: true, tables: 'after', memory: true }),
  ];
}

/** Entries travel to another place and keep their pages. */
function travelled(stage: Stage): Beat[] {
  const travels = stage.actors.moves
    .slice(0, FOLLOWED)
    .map(({ from, to, slot }, i) => ({ key: `move-${i}`, from, to, slot }));
  const asks = stage.beat('ask', { ...NOTHING, areas: true }, [stage.ask()]);
  if (travels.length === 0) return [asks];
  return [asks, stage.beat('move', { ...NOTHING, areas: true, tables: 'ways' }, [], travels)];
}

/** A huge page is put together or taken apart: tables and entries are rebuilt over memory that stays, or is copied. */
function rebuilt(stage: Stage): Beat[] {
  const beats = [
    stage.beat('ask', NOTHING, [stage.ask()]),
    stage.beat('walk', { ...NOTHING, tables: 'ways' }, stage.walk()),
    stage.beat('change', { ...NOTHING, tables: 'after' }, []),
  ];
  if (stage.actors.memoryMoved) beats.push(stage.beat('home', { ...NOTHING, tables: 'after', memory: true }));
  return beats;
}

/** Pages move into the pool, or out of it. */
function resized(stage: Stage): Beat[] {
  const pool: Anchor = { view: 'pool', refs: [], name: 'the pool' };
  return [stage.beat('ask', NOTHING, [stage.ask(pool)]), stage.beat('make', { ...NOTHING, memory: true })];
}

/** Where a request ends: what was asked for as a ghost, and the numbers that were compared. */
function refused(stage: Stage): Beat[] {
  const { phases } = stage.step.after.moment;
  const refusal = phases.find((phase) => phase.refused !== null)?.refused ?? null;
  const place = refusal?.place ?? null;
  const ghost: Anchor | null =
    place === null
      ? stage.actors.area
      : { view: 'areas', refs: [], name: 'the place asked for', range: { who: stage.actors.who, ...place } };
  const says = refusalWords(phases);
  const beats = [stage.beat('ask', { ...NOTHING, areas: true }, [stage.ask(ghost)])];
  if (refusal?.of === 'pool') {
    // The numbers stand in the pool itself; where it is out of sight they stand at the edge.
    const compare = stage.wire('compare', ghost, { view: 'pool', refs: ['missing'], name: says }, { look: 'bad' });
    return [...beats, stage.beat('compare', { ...NOTHING, areas: true, memory: true }, [compare])];
  }
  return [...beats, stage.beat('stop', ALL, [stage.wire('stop', ghost, ghost, { look: 'bad', says })])];
}

/** A signal: the walk stops where it stopped, with the reason on the spot. */
function stopped(stage: Stage): Beat[] {
  const { phases } = stage.step.after.moment;
  const says = refusalWords(phases);
  const { area, entry } = stage.actors;
  const beats = [stage.beat('ask', NOTHING, [stage.ask()])];
  const walk = stage.walk();
  if (walk.length > 0) beats.push(stage.beat('walk', { ...NOTHING, tables: 'ways' }, walk));
  const at = entry ?? area;
  if (phases.some((phase) => phase.refused?.of === 'pool')) {
    const pool: Anchor = { view: 'pool', refs: ['missing'], name: says };
    return [...beats, stage.beat('compare', ALL, [stage.wire('compare', at, pool, { look: 'bad' })])];
  }
  return [...beats, stage.beat('stop', ALL, [stage.wire('stop', at, at, { look: 'bad', says })])];
}

/** Why it stopped, short: the sentence of the phase in which it did, without its beginning. */
function refusalWords(phases: readonly Phase[]): string {
  const phase = phases.find(({ kind }) => kind === 'refuse') ?? phases.find(({ kind }) => kind === 'signal');
  const text = phase?.sentence.map((part) => part.text).join('') ?? '';
  return text.replace(/^Here it is refused: /, '').replace(/\.$/, '');
}

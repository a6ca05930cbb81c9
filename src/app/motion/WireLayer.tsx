import { useEffect, useLayoutEffect, useRef } from 'react';
import type { Scene } from '../../views/scene';
import { isSeen, placeOf, sceneOf, textsInSight, type Place } from '../../views/where';
import type { Anchor, ViewName } from '../../views/beats/types';
import { drawBeats, drawLit, type Surroundings } from '../../views/wires/geometry';
import { litWires } from '../../views/wires/lit';
import { createWires, type Wires } from '../../views/wires';
import { useLit } from '../stage/use-pictures';
import { usePlayed } from './use-conductor';
import style from './wire-layer.module.css';

const ORDER: readonly ViewName[] = ['scenario', 'areas', 'tables', 'pool', 'frames'];

/** The line of the scenario that the moment stands at. */
function lineRect(): Place | null {
  const line = document.querySelector('[aria-current="step"]');
  const rect = line?.getBoundingClientRect();
  if (line == null || rect === undefined || rect.width === 0) return null;
  const pane = line.closest('ol')!.getBoundingClientRect();
  const box = (r: DOMRect) => ({ x: r.x, y: r.y, w: r.width, h: r.height });
  return { rect: box(rect), pane: box(pane) };
}

function surroundings(): Surroundings {
  const line = lineRect();
  return {
    place: (anchor: Anchor) => (anchor.view === 'scenario' ? line : placeOf(anchor)),
    seen: (view) => (view === 'scenario' ? line !== null : isSeen(view)),
    texts: [...textsInSight(), ...textOfLine()],
    width: innerWidth,
    height: innerHeight,
    order: ORDER,
    scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / 16,
  };
}

/** Lines and headings of the page near the pictures: labels keep clear of them. */
function textOfLine() {
  return [
    ...document.querySelectorAll(
      'main h2, main header, main header + p, main ol li, main nav, footer, body > div > header',
    ),
  ].map((node) => {
    const { x, y, width: w, height: h } = node.getBoundingClientRect();
    return { x, y, w, h };
  });
}

/** Wires and what travels on them, over all panes. */
export function WireLayer() {
  const element = useRef<HTMLDivElement>(null);
  const wires = useRef<Wires>(null);
  const beats = usePlayed((played) => played.beats);
  const at = usePlayed((played) => played.at);
  const beat = usePlayed((played) => played.beat);
  const still = usePlayed((played) => played.still);
  const pictures = usePlayed((played) => played.pictures);
  const lit = useLit();
  const draw = useRef((moved: number) => {
    const page = surroundings();
    const { beats: told, at: now, lit: lights, still: all } = latest.current;
    const pointed = lights.hovered.size > 0 || lights.selected.size > 0;
    const scenes: { areas: Scene | null; tables: Scene | null } = {
      areas: sceneOf('areas'),
      tables: sceneOf('tables'),
    };
    const found = pointed ? litWires(scenes, { ...lights, fellows: lights.fellows ?? null, broken: new Set() }) : [];
    wires.current?.show(found.length > 0 ? drawLit(found, page) : drawBeats(told, now, page, all), moved);
  });
  const latest = useRef({ beats, at, lit, still });
  const drawn = useRef({ beats, at });

  useEffect(() => {
    wires.current = createWires(element.current!);
    let frame = 0;
    const again = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => draw.current(0));
    };
    const main = document.querySelector('main') ?? document.body;
    const observer = new ResizeObserver(again);
    observer.observe(main);
    for (const one of main.children) observer.observe(one);
    addEventListener('scroll', again, true);
    draw.current(0);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      removeEventListener('scroll', again, true);
      wires.current?.destroy();
      wires.current = null;
    };
  }, []);

  useLayoutEffect(() => {
    latest.current = { beats, at, lit, still };
    const fresh = drawn.current.beats !== beats || drawn.current.at !== at;
    drawn.current = { beats, at };
    draw.current(fresh ? beat : 0);
  }, [beats, at, beat, still, pictures, lit]);

  return <div ref={element} className={style.layer} aria-hidden="true" />;
}

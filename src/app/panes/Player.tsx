import { ChevronFirst, ChevronLast, Pause, Play, StepBack, StepForward } from 'lucide-react';
import { useEffect, useState, type CSSProperties, type ReactNode } from 'react';
import type { Moment, Timeline } from '../../history/picture';
import { sentenceText } from '../parts/Sentence';
import { SHAPES } from '../parts/shapes';
import style from './player.module.css';

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];
export type Grain = 'operation' | 'event';

export interface PlayerProps {
  moment: Moment;
  timeline: Timeline | undefined;
  playing: boolean;
  speed: number;
  grain: Grain;
  onFirst: () => void;
  onBack: () => void;
  onPlay: () => void;
  onNext: () => void;
  onLast: () => void;
  onSeek: (k: number) => void;
  onSpeed: (speed: Speed) => void;
  onGrain: (grain: Grain) => void;
  /** Whether there is room for the choice of grain and speed. */
  roomy: boolean;
  /** Stands behind the scrubber. */
  beside: ReactNode;
  /** The sentence of the moment. */
  children: ReactNode;
}

/** Time: one step back or on, play, the scrubber with a mark for each operation, and where one is. Its height never changes. */
export function Player(props: PlayerProps) {
  const { moment, playing, grain } = props;
  const atStart = moment.k === 0;
  const atEnd = moment.k === moment.n && (moment.event === null || moment.event >= moment.events);
  const what = grain === 'operation' ? 'step' : 'event';
  return (
    <section className={style.player} aria-label="Time">
      <div className={style.controls}>
        <div className={style.buttons} role="group" aria-label="Player">
          <button
            type="button"
            className={style.round}
            aria-label="First step"
            disabled={atStart}
            onClick={props.onFirst}
          >
            <ChevronFirst size="1.125em" aria-hidden />
          </button>
          <button
            type="button"
            className={style.round}
            aria-label={`Back one ${what}`}
            disabled={atStart}
            onClick={props.onBack}
          >
            <StepBack size="1em" aria-hidden />
          </button>
          <button
            type="button"
            className={`${style.round} ${style.play}`}
            aria-label={playing ? 'Pause' : 'Play'}
            disabled={atEnd && !playing}
            onClick={props.onPlay}
          >
            {playing ? <Pause size="1.25em" aria-hidden /> : <Play size="1.25em" aria-hidden />}
          </button>
          <button
            type="button"
            className={style.round}
            aria-label={`On one ${what}`}
            disabled={atEnd}
            onClick={props.onNext}
          >
            <StepForward size="1em" aria-hidden />
          </button>
          <button type="button" className={style.round} aria-label="Last step" disabled={atEnd} onClick={props.onLast}>
            <ChevronLast size="1.125em" aria-hidden />
          </button>
        </div>
        <div className={style.where}>
          <StepNumber k={moment.k} n={moment.n} onSeek={props.onSeek} />
          {props.roomy ? <Pace {...props} /> : null}
        </div>
      </div>
      <Scrubber moment={moment} timeline={props.timeline} onSeek={props.onSeek} />
      <div className={style.beside}>{props.beside}</div>
      {props.children}
    </section>
  );
}

/** How far a step goes, and how fast steps follow one another. */
export function Pace({ grain, speed, onGrain, onSpeed }: Pick<PlayerProps, 'grain' | 'speed' | 'onGrain' | 'onSpeed'>) {
  return (
    <div className={style.choices}>
      <label className={style.choice}>
        <select value={grain} onChange={(event) => onGrain(event.target.value as Grain)} aria-label="Grain of a step">
          <option value="operation">operation</option>
          <option value="event">event</option>
        </select>
      </label>
      <label className={style.choice}>
        <select
          value={speed}
          onChange={(event) => onSpeed(Number(event.target.value) as Speed)}
          aria-label="Speed of play"
        >
          {SPEEDS.map((s) => (
            <option key={s} value={s}>
              {s}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** "step 12 of 47", and a box to go to a number without dragging. */
function StepNumber({ k, n, onSeek }: { k: number; n: number; onSeek: (k: number) => void }) {
  const [text, setText] = useState(String(k));
  useEffect(() => setText(String(k)), [k]);
  return (
    <form
      className={style.step}
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = Number(text);
        if (Number.isInteger(wanted) && wanted >= 0) onSeek(Math.min(wanted, n));
        else setText(String(k));
      }}
    >
      <label>
        step{' '}
        <input
          value={text}
          inputMode="numeric"
          aria-label={`Step, 0 to ${n}`}
          style={{ width: `${Math.max(2, String(n).length) + 1.25}ch` }}
          onChange={(event) => setText(event.target.value.replace(/\D/g, ''))}
          onFocus={(event) => event.target.select()}
          onBlur={() => setText(String(k))}
        />{' '}
        of {n}
      </label>
    </form>
  );
}

function Scrubber({
  moment,
  timeline,
  onSeek,
}: {
  moment: Moment;
  timeline: Timeline | undefined;
  onSeek: (k: number) => void;
}) {
  const { k, n } = moment;
  const said = moment.statement
    ? `step ${k} of ${n}: ${moment.statement.text}. ${sentenceText(moment.sentence)}`
    : `step 0 of ${n}: before the first operation`;
  const share = n === 0 ? 0 : (100 * k) / n;
  return (
    <div className={style.scrubber}>
      <input
        type="range"
        min={0}
        max={Math.max(n, 1)}
        step={1}
        value={k}
        disabled={n === 0}
        aria-label="Step of the scenario"
        aria-valuetext={said}
        style={{ '--done': `calc(${share}% + ${0.5 - share / 100} * var(--thumb))` } as CSSProperties}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
      <div className={style.marks} aria-hidden>
        {(timeline?.marks ?? []).map((mark) => {
          const failed = mark.ending === 'errno' || mark.ending === 'signal';
          return (
            <button
              key={mark.k}
              type="button"
              tabIndex={-1}
              className={style.mark}
              style={{ insetInlineStart: `${(100 * mark.k) / Math.max(n, 1)}%` }}
              data-now={(mark.k <= k && k < mark.k + mark.count) || undefined}
              data-past={mark.k <= k || undefined}
              data-failed={failed || undefined}
              aria-label={`step ${mark.k}`}
              title={`${mark.k}: ${mark.text}`}
              onClick={() => onSeek(mark.k)}
            >
              <svg viewBox="-6 -6 12 12">
                <path d={SHAPES[failed ? 'failure' : mark.kind]} />
              </svg>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** The strip at the foot of the page: time, and the sentence of the moment. It never grows: what does not fit opens upward. */
import { ChevronUp } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { Player } from './panes/Player';
import { Sentence } from './parts/Sentence';
import button from './parts/button.module.css';
import { useActions, useSession } from './session';
import { useUi } from './ui';
import { useMedia } from './use-media';
import style from './strip.module.css';

const Questions = lazy(async () => ({ default: (await import('./Questions')).Questions }));
const MoreCard = lazy(async () => ({ default: (await import('./MoreCard')).MoreCard }));

/** What the player does, from the store. */
export function usePace() {
  const session = useActions();
  const { fine, speed } = useSession((state) => state.time);
  return {
    grain: fine ? ('event' as const) : ('operation' as const),
    speed,
    onGrain: (grain: 'operation' | 'event') => session.setFine(grain === 'event'),
    onSpeed: (wanted: number) => session.setSpeed(wanted),
  };
}

export function Strip() {
  const session = useActions();
  const answered = useUi((ui) => Object.keys(ui.answers).length > 0);
  const more = useUi((ui) => ui.more);
  const set = useUi((ui) => ui.set);
  const pictures = useSession((state) => state.pictures.left);
  const time = useSession((state) => state.time);
  const pace = usePace();
  const roomy = useMedia('(min-width: 56.01em)');
  const cards = useCovered();
  if (!pictures)
    return (
      <footer className={style.strip} aria-label="Time">
        <div ref={cards} className={style.cards} />
      </footer>
    );
  const { moment, timeline } = pictures;
  const step = (on: boolean) =>
    session.move(time.fine ? (on ? 'next' : 'back') : on ? 'nextOperation' : 'backOperation');
  return (
    <footer className={style.strip}>
      <div ref={cards} className={style.cards}>
        <Suspense fallback={null}>
          {moment.predict || answered ? <Questions moment={moment} /> : null}
          {more ? <MoreCard moment={moment} roomy={roomy} onClose={() => set({ more: false })} /> : null}
        </Suspense>
      </div>
      <Player
        moment={moment}
        timeline={timeline}
        playing={time.playing}
        {...pace}
        roomy={roomy}
        onFirst={() => session.move('first')}
        onBack={() => step(false)}
        onPlay={() => (time.playing ? session.pause() : session.play())}
        onNext={() => step(true)}
        onLast={() => session.move('last')}
        onSeek={(k) => session.go({ k, event: null })}
        beside={
          <>
            {roomy ? <Futures /> : null}
            <Lamp onMore={() => set({ more: true })} />
            <button
              type="button"
              className={`${button.button} ${style.more}`}
              aria-label="More about this moment"
              title="More about this moment (m)"
              aria-expanded={more}
              onClick={() => set({ more: !more })}
            >
              <ChevronUp size="1em" aria-hidden />
            </button>
          </>
        }
      >
        <Clamped onMore={() => set({ more: true })}>
          {moment.event !== null ? (
            <>
              <span className={style.event}>
                event {moment.event} of {moment.events}
              </span>{' '}
            </>
          ) : null}
          <Sentence parts={moment.sentence} onPoint={(ref) => session.hover(ref ? [ref] : [])} />
          {moment.unexpected ? <strong className={style.unexpected}> Expected {moment.unexpected}.</strong> : null}
        </Clamped>
      </Player>
    </footer>
  );
}

/** Tells the stage how much of its foot lies under the cards: what changes there is scrolled above them. */
function useCovered(): RefObject<HTMLDivElement | null> {
  const cards = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = cards.current;
    if (element === null) return;
    const page = document.documentElement.style;
    const observer = new ResizeObserver(() => {
      page.setProperty('--cards', `${element.offsetHeight}px`);
      useUi.getState().set({ covered: element.offsetHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      page.removeProperty('--cards');
    };
  }, []);
  return cards;
}

/** The sentence, cut where the strip ends; then the whole of it is one press away. */
function Clamped({ onMore, children }: { onMore: () => void; children: ReactNode }) {
  const element = useRef<HTMLParagraphElement>(null);
  const [cut, setCut] = useState(false);
  useEffect(() => {
    const text = element.current!;
    const measure = () => setCut(text.scrollHeight > text.clientHeight + 2);
    const observer = new ResizeObserver(measure);
    observer.observe(text);
    measure();
    return () => observer.disconnect();
  }, [children]);
  return (
    <div className={style.said}>
      <p ref={element} className={style.sentence}>
        {children}
      </p>
      {cut ? (
        <button type="button" className={style.whole} onClick={onMore}>
          … all
        </button>
      ) : null}
    </div>
  );
}

function Lamp({ onMore }: { onMore: () => void }) {
  const lamp = useSession((state) => state.pictures.left?.moment.lamp);
  if (!lamp) return null;
  return lamp.ok ? (
    <p className={style.good}>
      <span aria-hidden>●</span> <span className={style.words}>books balance</span>
    </p>
  ) : (
    <button type="button" className={style.bad} onClick={onMore}>
      <span aria-hidden>▲</span> <span className={style.words}>books do not balance</span>
    </button>
  );
}

/** Other futures of this scenario: a change in the past keeps what would have followed. */
export function Futures() {
  const session = useActions();
  const branches = useSession((state) => state.pictures.left?.timeline?.branches);
  if (!branches || branches.length < 2) return null;
  const current = branches.find((branch) => branch.current);
  return (
    <label className={style.futures}>
      {branches.length} futures{' '}
      <select
        aria-label="Future of the scenario"
        value={current?.id ?? 0}
        onChange={(event) => session.switchBranch(Number(event.target.value))}
      >
        {branches.map((branch) => (
          <option key={branch.id} value={branch.id}>
            {branch.from < 0 ? `first: ${branch.n} steps` : `from step ${branch.at}: ${branch.label}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The parts of the page that read the session: each takes what it shows from the store and hands plain values on. */
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Diagnostic } from '../scenario/scenario';
import { Sentence } from './parts/Sentence';
import { Palette } from './panes/Palette';
import type { Editor, EditorProps } from './panes/editor';
import { PlainEditor } from './panes/PlainEditor';
import { Player } from './panes/Player';
import { ScenarioPane } from './panes/ScenarioPane';
import { useResults } from './results';
import { useActions, useSession } from './session';
import { useUi } from './ui';
import style from './columns.module.css';

const Questions = lazy(async () => ({ default: (await import('./Predict')).Questions }));

let loadedEditor: Editor | null = null;
/** Characters. */
const LARGE = 100_000;

/** The editor that knows the language; a plain field until it has come, and for as long as somebody types in that. */
function LazyEditor(props: EditorProps) {
  const [Code, setCode] = useState<Editor | null>(() => loadedEditor);
  const [missing, setMissing] = useState(false);
  const typed = useRef(false);
  useEffect(() => {
    let wanted = Code === null;
    if (wanted)
      void import('./editor/CodeEditor').then(
        (module) => {
          loadedEditor = module.default;
          if (wanted && !typed.current) setCode(() => module.default);
        },
        () => setMissing(true),
      );
    return () => {
      wanted = false;
    };
  }, [Code]);
  if (Code) return <Code {...props} />;
  // A field of the browser's own stands still over a large text.
  if (props.text.length > LARGE && !missing) return <p role="status">The editor is being loaded.</p>;
  const change = (text: string) => {
    typed.current = true;
    props.onChange(text);
  };
  return <PlainEditor {...props} onChange={change} />;
}

const NO_FINDINGS: readonly Diagnostic[] = [];

export function ScenarioColumn() {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const loaded = useSession((state) => state.scenario.loaded);
  const canUndo = useSession((state) => state.scenario.undo.length > 0);
  const canRedo = useSession((state) => state.scenario.redo.length > 0);
  const moment = useSession((state) => state.pictures.left?.moment);
  const results = useResults();
  const form = useUi((ui) => ui.form);
  const set = useUi((ui) => ui.set);
  const diagnostics = loaded?.diagnostics ?? NO_FINDINGS;
  return (
    <ScenarioPane
      text={text}
      diagnostics={diagnostics}
      currentLine={moment?.statement?.line ?? 0}
      results={results}
      done={moment?.k ?? 0}
      editor={LazyEditor}
      canUndo={canUndo}
      canRedo={canRedo}
      onChange={(changed) => void session.edit(changed)}
      onGo={(k) => void session.go({ k, event: null })}
      onMend={({ at, suggestion }: Diagnostic) => {
        const lines = text.split('\n');
        const line = lines[at.line - 1] ?? '';
        lines[at.line - 1] = line.slice(0, at.column - 1) + suggestion + line.slice(at.end - 1);
        void session.edit(lines.join('\n'));
      }}
      onUndo={() => void session.undo()}
      onRedo={() => void session.redo()}
    >
      <Palette open={form?.name ?? ''} onOpen={(name, anchor) => set({ form: { name, anchor, beside: true } })} />
    </ScenarioPane>
  );
}

/** Time, the sentence of the moment, other futures, and whether the books balance. */
export function Bottom() {
  const session = useActions();
  const answered = useUi((ui) => Object.keys(ui.answers).length > 0);
  const pictures = useSession((state) => state.pictures.left);
  const time = useSession((state) => state.time);
  if (!pictures) return <section className={style.bottom} aria-label="Time" />;
  const { moment, timeline } = pictures;
  const step = (on: boolean) =>
    session.move(time.fine ? (on ? 'next' : 'back') : on ? 'nextOperation' : 'backOperation');
  return (
    <div className={style.bottom}>
      <Player
        moment={moment}
        timeline={timeline}
        playing={time.playing}
        speed={time.speed}
        grain={time.fine ? 'event' : 'operation'}
        onFirst={() => session.move('first')}
        onBack={() => step(false)}
        onPlay={() => (time.playing ? session.pause() : session.play())}
        onNext={() => step(true)}
        onLast={() => session.move('last')}
        onSeek={(k) => session.go({ k, event: null })}
        onSpeed={(speed) => session.setSpeed(speed)}
        onGrain={(grain) => session.setFine(grain === 'event')}
      >
        {moment.statement ? <p className={style.statement}>{moment.statement.text}</p> : null}
        <p>
          <Sentence parts={moment.sentence} onPoint={(ref) => session.hover(ref ? [ref] : [])} />
          {moment.unexpected ? <strong className={style.unexpected}> Expected {moment.unexpected}.</strong> : null}
        </p>
        {moment.explanation ? <p className={style.explanation}>{moment.explanation}</p> : null}
        {moment.predict || answered ? (
          <Suspense fallback={null}>
            <Questions moment={moment} />
          </Suspense>
        ) : null}
      </Player>
      <div className={style.side}>
        <Lamp />
        <Futures />
      </div>
    </div>
  );
}

function Lamp() {
  const session = useActions();
  const lamp = useSession((state) => state.pictures.left?.moment.lamp);
  const step = useSession((state) => {
    const path = state.pictures.left?.path;
    return path?.steps.findLast((one, i) => one.kind === 'routine' && (path.current < 0 || i <= path.current));
  });
  if (!lamp) return null;
  return (
    <div className={style.lamp}>
      {lamp.ok ? (
        <p className={style.good}>
          <span aria-hidden>●</span> books balance
        </p>
      ) : (
        <>
          <p className={style.bad}>
            <span aria-hidden>▲</span> books do not balance
          </p>
          <ul className={style.broken}>
            {lamp.broken.map(({ text, ref }) => (
              <li key={text}>
                <button type="button" onClick={() => ref && void session.select([ref])}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
          <button type="button" className={style.link} onClick={() => void session.find('broken')}>
            Go to where it broke
          </button>
        </>
      )}
      {lamp.ok && step?.where ? (
        <p className={style.where}>
          {step.where} {step.code.replace(/\(.*$/, '')}()
        </p>
      ) : null}
    </div>
  );
}

/** Other futures of this scenario: a change in the past keeps what would have followed. */
function Futures() {
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

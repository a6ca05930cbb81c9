/** The parts of the page that read the session: each takes what it shows from the store and hands plain values on. */
import { useEffect, useRef, useState } from 'react';
import type { Diagnostic } from '../scenario/scenario';
import { Palette } from './panes/Palette';
import type { Editor, EditorProps } from './panes/editor';
import { PlainEditor } from './panes/PlainEditor';
import { ScenarioPane } from './panes/ScenarioPane';
import { useResults } from './results';
import { useActions, useSession } from './session';
import { useUi } from './ui';

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

import { Check, Pencil, Redo2, Undo2 } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { Diagnostic } from '../../scenario/scenario';
import { Pane } from '../parts/Pane';
import button from '../parts/button.module.css';
import type { Editor } from './editor';
import { Lines } from './Lines';
import { scenarioLines } from './scenario-lines';
import style from './scenario.module.css';

/** The scenario as text: read with results beneath, or edited. */
export function ScenarioPane({
  text,
  diagnostics,
  currentLine,
  results,
  done,
  editor: EditorOfText,
  canUndo,
  canRedo,
  onChange,
  onGo,
  onMend,
  onUndo,
  onRedo,
  children,
}: {
  text: string;
  diagnostics: readonly Diagnostic[];
  currentLine: number;
  results: ReadonlyMap<number, string>;
  done: number;
  editor: Editor;
  canUndo: boolean;
  canRedo: boolean;
  onChange: (text: string) => void;
  onGo: (k: number) => void;
  /** Puts the suggestion in the place of what is wrong. */
  onMend: (diagnostic: Diagnostic) => void;
  onUndo: () => void;
  onRedo: () => void;
  /** The buttons that add a line. */
  children: ReactNode;
}) {
  const [editing, setEditing] = useState<number | null>(null);
  const lines = useMemo(() => scenarioLines(text), [text]);
  const wrong = useMemo(() => new Set(diagnostics.map(({ at }) => at.line)), [diagnostics]);
  const icon = `${button.button} ${button.plain} ${button.icon}`;
  return (
    <Pane
      title="Scenario"
      says={
        text.trim() === ''
          ? 'Nothing here yet. Add an operation with a button below, or type one: pool(8)'
          : editing !== null
            ? 'One operation a line. It runs as you type; Escape ends.'
            : 'One operation a line. Edit it, or add one below.'
      }
      fill
      tools={
        <>
          <button type="button" className={icon} aria-label="Undo" disabled={!canUndo} onClick={onUndo}>
            <Undo2 size="1em" aria-hidden />
          </button>
          <button type="button" className={icon} aria-label="Redo" disabled={!canRedo} onClick={onRedo}>
            <Redo2 size="1em" aria-hidden />
          </button>
          <button
            type="button"
            className={icon}
            aria-label={editing === null ? 'Edit the text' : 'Done editing'}
            onClick={() => setEditing(editing === null ? currentLine : null)}
          >
            {editing === null ? <Pencil size="1em" aria-hidden /> : <Check size="1em" aria-hidden />}
          </button>
        </>
      }
    >
      {editing === null ? (
        <Lines
          lines={lines}
          currentLine={currentLine}
          results={results}
          wrong={wrong}
          done={done}
          onGo={onGo}
          onEdit={setEditing}
        />
      ) : (
        <EditorOfText
          text={text}
          diagnostics={diagnostics}
          currentLine={currentLine}
          results={results}
          startLine={editing}
          onChange={onChange}
          onDone={() => setEditing(null)}
        />
      )}
      {diagnostics.length > 0 ? (
        <ul id="scenario-findings" className={style.findings} aria-label="What is wrong in the scenario">
          {diagnostics.map((diagnostic) => {
            const { at, message, suggestion } = diagnostic;
            return (
              <li key={`${at.line}:${at.column}:${message}`}>
                <button type="button" className={style.at} onClick={() => setEditing(at.line)}>
                  line {at.line}, column {at.column}
                </button>{' '}
                {message}
                {suggestion ? (
                  <button type="button" className={style.mend} onClick={() => onMend(diagnostic)}>
                    Write <code>{suggestion}</code>
                  </button>
                ) : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      {children}
    </Pane>
  );
}

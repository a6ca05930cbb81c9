import { useEffect, useRef, useState } from 'react';
import type { EditorProps } from './editor';
import style from './scenario.module.css';

/** The scenario as a plain text field: what works everywhere, and before any other editor is loaded. */
export function PlainEditor({ text, startLine, diagnostics, onChange, onDone }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState(text);
  const typed = useRef(text);
  useEffect(() => {
    // A change from elsewhere (undo, a button) replaces the draft; one's own echo does not.
    if (text !== typed.current) {
      typed.current = text;
      setDraft(text);
    }
  }, [text]);
  useEffect(() => {
    const lines = area.current!.value.split('\n');
    const end = lines.slice(0, Math.max(startLine, 1)).join('\n').length;
    area.current!.focus();
    area.current!.setSelectionRange(end, end);
    // Only where the line begins editing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return (
    <textarea
      ref={area}
      className={style.textarea}
      aria-label="Scenario text"
      aria-invalid={diagnostics.length > 0}
      aria-describedby={diagnostics.length > 0 ? 'scenario-findings' : undefined}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      wrap="off"
      value={draft}
      onChange={(event) => {
        typed.current = event.target.value;
        setDraft(event.target.value);
        onChange(event.target.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}

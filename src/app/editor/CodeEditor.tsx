import { closeBrackets, acceptCompletion, autocompletion, type CompletionContext } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState, RangeSetBuilder, StateEffect, StateField, type Text } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  hoverTooltip,
  keymap,
  lineNumbers,
  WidgetType,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { CALLS } from '../../scenario/calls';
import type { Diagnostic } from '../../scenario/scenario';
import type { EditorProps } from '../panes/editor';
import { explainAt, offersAt } from './hints';
import style from './editor.module.css';

/** Colours of the language's words; line by line, as the language is. */
const words = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^(?:#|title:)[^]*/)) return 'comment';
    if (stream.match(/^"[^"]*"?/)) return 'string';
    if (stream.match(/^(?:→|->)/)) return 'operator';
    if (stream.match(/^(?:0x[0-9a-fA-F_]+|\d[\d_]*[KMGT]?\b)/)) return 'number';
    const word = stream.match(/^[A-Za-z_]\w*/);
    if (!word) {
      stream.next();
      return null;
    }
    const text = stream.current();
    if (text === 'expect' || text === 'predict') return 'keyword';
    if (Object.hasOwn(CALLS, text) && stream.match(/^\s*\(/, false)) return 'propertyName';
    if (/^(PROT|MAP|MADV|MREMAP|MFD|MCL|MLOCK|MS|O|FALLOC)_/.test(text) || text === 'NULL') return 'atom';
    if (/^(E[A-Z]+|SIG[A-Z]+)$/.test(text)) return 'invalid';
    return 'variableName';
  },
});

const look = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)' },
  { tag: tags.string, color: 'var(--slot-3-ink, var(--ink))' },
  { tag: tags.propertyName, fontWeight: '600' },
  { tag: tags.keyword, fontWeight: '600', color: 'var(--accent)' },
  { tag: tags.atom, color: 'var(--muted)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const theme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: 'var(--text-s)', height: '100%' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--bg)', border: 'none' },
  '.cm-line': { paddingInlineStart: '2.5ch', textIndent: '-2ch' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent)',
  },
  '.cm-now': { backgroundColor: 'var(--highlight)', color: 'var(--highlight-ink)' },
  '.cm-result': { color: 'var(--muted)', paddingInlineStart: '2ch', whiteSpace: 'pre-wrap' },
  '.cm-now .cm-result': { color: 'inherit' },
  '.cm-tooltip': {
    color: 'var(--ink)',
    backgroundColor: 'var(--bg)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    maxWidth: '28rem',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: 'var(--bg)', backgroundColor: 'var(--ink)' },
  '.cm-explanation': { padding: '0.375rem 0.625rem', fontFamily: 'var(--sans)' },
  '.cm-explanation code': { display: 'block', fontFamily: 'var(--mono)', fontWeight: '600' },
  '.cm-diagnostic': { fontFamily: 'var(--sans)' },
});

/** A line's result, in grey behind it. */
class ResultWidget extends WidgetType {
  constructor(readonly text: string) {
    super();
  }
  override eq(other: ResultWidget): boolean {
    return other.text === this.text;
  }
  toDOM(): HTMLElement {
    const span = document.createElement('span');
    span.className = 'cm-result';
    span.textContent = this.text;
    return span;
  }
}

interface Marks {
  readonly currentLine: number;
  readonly results: ReadonlyMap<number, string>;
}
const setMarks = StateEffect.define<Marks>();

function decorate(doc: Text, { currentLine, results }: Marks): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const lines = [...new Set([currentLine, ...results.keys()])].filter((n) => n > 0 && n <= doc.lines);
  for (const n of lines.sort((a, b) => a - b)) {
    const line = doc.line(n);
    if (n === currentLine) builder.add(line.from, line.from, Decoration.line({ class: 'cm-now' }));
    const result = results.get(n);
    if (result) builder.add(line.to, line.to, Decoration.widget({ widget: new ResultWidget(result), side: 1 }));
  }
  return builder.finish();
}

/** The line that runs and what each line came to; moved along with typing until the next run says it anew. */
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setMarks)) return decorate(transaction.state.doc, effect.value);
    return set.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Lines above that completion and explanation look for names in. */
const LOOKED_AT = 4000;

const linesAbove = (doc: Text, n: number): string[] =>
  n <= 1
    ? []
    : doc
        .sliceString(doc.line(Math.max(1, n - LOOKED_AT)).from, doc.line(n).from)
        .split('\n')
        .slice(0, -1);

function complete(context: CompletionContext) {
  const line = context.state.doc.lineAt(context.pos);
  const found = offersAt(line.text, context.pos - line.from, linesAbove(context.state.doc, line.number));
  if (!found || (!context.explicit && found.from === context.pos - line.from)) return null;
  return {
    from: line.from + found.from,
    validFor: /^\w*$/,
    options: found.offers.map(({ word, after, detail, meaning, kind }) => ({
      label: word,
      detail,
      info: meaning,
      type: kind === 'call' ? 'function' : kind === 'flag' ? 'constant' : 'variable',
      apply: word + after,
    })),
  };
}

const explain = hoverTooltip((view, pos) => {
  const line = view.state.doc.lineAt(pos);
  const found = explainAt(line.text, pos - line.from, linesAbove(view.state.doc, line.number));
  if (!found) return null;
  return {
    pos: line.from + found.from,
    end: line.from + found.to,
    create() {
      const dom = document.createElement('div');
      dom.className = 'cm-explanation';
      const title = document.createElement('code');
      title.textContent = found.title;
      dom.append(title, found.meaning);
      return { dom };
    },
  };
});

/** Findings of the parser as the editor underlines them, each with its mend. */
function findings(doc: Text, diagnostics: readonly Diagnostic[]) {
  return diagnostics
    .filter(({ at }) => at.line <= doc.lines)
    .map(({ at, message, suggestion }) => {
      const line = doc.line(at.line);
      const from = Math.min(line.from + at.column - 1, line.to);
      const to = Math.max(from, Math.min(line.from + at.end - 1, line.to));
      const actions = suggestion
        ? [
            {
              name: `Write ${suggestion}`,
              apply: (view: EditorView, a: number, b: number) =>
                view.dispatch({ changes: { from: a, to: b, insert: suggestion } }),
            },
          ]
        : [];
      return { from, to, severity: 'error' as const, message, actions };
    });
}

/** Characters from which on a text is read again only when typing pauses; milliseconds of that pause, and of typing on without one. */
const LARGE = 100_000;
const PAUSE = 350;
const AT_MOST = 1_000;

/** The scenario in an editor that knows the language. It lives in a shadow root: its sheets obey the page's policy there. */
export default function CodeEditor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const { text, diagnostics, currentLine, results, startLine } = props;

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    let due: ReturnType<typeof setTimeout> | undefined;
    let since = 0;
    const changed = (state: EditorState) => {
      due = undefined;
      latest.current.onChange(state.doc.toString());
    };
    const hand = () => {
      if (due === undefined) return;
      clearTimeout(due);
      changed(created.state);
    };
    const created = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          EditorView.lineWrapping,
          closeBrackets(),
          words,
          syntaxHighlighting(look),
          autocompletion({ override: [complete] }),
          explain,
          marks,
          theme,
          EditorView.contentAttributes.of({ 'aria-label': 'Scenario text', spellcheck: 'false', tabindex: '0' }),
          keymap.of([
            { key: 'Tab', run: acceptCompletion },
            {
              key: 'Escape',
              run: () => {
                latest.current.onDone();
                return true;
              },
            },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            if (due === undefined) since = performance.now();
            clearTimeout(due);
            const left = since + AT_MOST - performance.now();
            if (update.state.doc.length < LARGE || left <= 0) changed(update.state);
            else due = setTimeout(() => changed(created.state), Math.min(PAUSE, left));
          }),
        ],
      }),
    });
    view.current = created;
    const line = created.state.doc.line(Math.min(Math.max(latest.current.startLine, 1), created.state.doc.lines));
    created.dispatch({ selection: { anchor: line.to }, scrollIntoView: true });
    created.focus();
    // What was typed last is the page's before the page may go.
    const leaving = ['beforeunload', 'pagehide', 'visibilitychange'] as const;
    for (const name of leaving) addEventListener(name, hand, true);
    return () => {
      for (const name of leaving) removeEventListener(name, hand, true);
      hand();
      created.destroy();
    };
  }, []);

  useEffect(() => {
    const { current } = view;
    if (!current || current.state.doc.toString() === text) return;
    // A change from elsewhere (a button, undo) is one step of the editor's own undo as well.
    const before = current.state.doc.toString();
    let from = 0;
    while (from < before.length && before[from] === text[from]) from++;
    let end = 0;
    while (end < before.length - from && before.at(-1 - end) === text.at(-1 - end) && end < text.length - from) end++;
    current.dispatch({ changes: { from, to: before.length - end, insert: text.slice(from, text.length - end) } });
  }, [text]);

  useEffect(() => {
    const { current } = view;
    if (current) current.dispatch({ effects: setMarks.of({ currentLine, results }) });
  }, [currentLine, results]);

  useEffect(() => {
    const { current } = view;
    if (current) current.dispatch(setDiagnostics(current.state, findings(current.state.doc, diagnostics)));
  }, [diagnostics]);

  useEffect(() => {
    const { current } = view;
    if (!current) return;
    const line = current.state.doc.line(Math.min(Math.max(startLine, 1), current.state.doc.lines));
    current.dispatch({ selection: { anchor: line.to }, scrollIntoView: true });
  }, [startLine]);

  return <div ref={host} className={style.editor} />;
}

'use client';

import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'next-intl';
import { codeColours } from './code-colours.ts';

/** What is wrong with a line of the text; the first line is 1. */
export interface LineFault {
  line: number;
  column?: number | undefined;
  message: string;
}

interface Given {
  value: string;
  onChange: (text: string) => void;
  /** The language's own extensions, once they are loaded. */
  language?: Extension | undefined;
  faults?: readonly LineFault[];
  label: string;
  /** Goes to this line when it changes. */
  goTo?: { line: number } | undefined;
}

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '0.875rem', height: '100%' },
  '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused': { outline: '3px solid var(--focus)', outlineOffset: '-1px' },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 8%, transparent)',
  },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--accent-soft) !important',
  },
  '.cm-tooltip': { background: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--edge)' },
});

/** A text editor with line numbers. Tab indents; Escape and then Tab leaves, as the hint beneath it says. */
export function CodeEditor({ value, onChange, language, faults = [], label, goTo }: Given) {
  const t = useTranslations('editor');
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const first = useRef(value);

  useEffect(() => {
    if (element.current === null) return undefined;
    let leaving = false;
    const tab =
      (run: typeof indentMore): typeof indentMore =>
      (target) =>
        !leaving && run(target);
    const made = new EditorView({
      parent: element.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          lintGutter(),
          look,
          syntaxHighlighting(codeColours),
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-multiline': 'true', tabindex: '0' }),
          EditorView.domEventHandlers({
            keydown: ({ key }) => {
              if (key !== 'Tab' && key !== 'Shift') leaving = key === 'Escape';
              return false;
            },
            blur: () => {
              leaving = false;
              return false;
            },
          }),
          keymap.of([
            { key: 'Tab', run: tab(indentMore), shift: tab(indentLess) },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          language ?? [],
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      first.current = made.state.doc.toString();
      made.destroy();
    };
  }, [label, language]);

  useEffect(() => {
    const { current } = view;
    if (current === null || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const { current } = view;
    if (current === null) return;
    current.dispatch(
      setDiagnostics(
        current.state,
        faults.map((fault) => diagnosticOf(current.state, fault)),
      ),
    );
  }, [faults, language]);

  useEffect(() => {
    const { current } = view;
    if (current === null || goTo === undefined) return;
    const line = current.state.doc.line(Math.min(goTo.line, current.state.doc.lines));
    current.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    current.focus();
  }, [goTo]);

  return (
    <div className="stack-s">
      <div ref={element} className="editor" />
      <p className="hint">{t('leave')}</p>
    </div>
  );
}

function diagnosticOf({ doc }: EditorState, { line, column, message }: LineFault): Diagnostic {
  const { from, to } = doc.line(Math.max(1, Math.min(line, doc.lines)));
  const start = Math.min(to, from + Math.max(0, (column ?? 1) - 1));
  return { from: start, to: Math.max(start, to), severity: 'error', message };
}

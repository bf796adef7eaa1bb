// An editor of manifests: completion by the schema, problems where they are, and what has changed.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { manifestCompletions } from '../text/completions.js';
import type { TextProblem } from '../text/yaml.js';

interface YamlEditorProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly problems: readonly TextProblem[];
  /** Shows how the text differs from this one; absent: does not. */
  readonly original?: string | undefined;
  readonly readOnly?: boolean;
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.keyword], color: 'var(--lost)' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--muted)' },
]);

const look = EditorView.theme({
  '&': { fontSize: '12.5px', color: 'var(--text)', backgroundColor: 'var(--surface)', minHeight: '320px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', padding: '8px 0' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-fill)', color: '#fff' },
  '.cm-completionInfo': { maxWidth: '320px', padding: '6px 10px', fontFamily: 'var(--sans)' },
  '.cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--good) 13%, transparent) !important' },
  '.cm-deletedChunk': { backgroundColor: 'color-mix(in srgb, var(--bad) 13%, transparent) !important' },
  '.cm-changedText': { background: 'color-mix(in srgb, var(--good) 26%, transparent) !important' },
  '.cm-deletedText': { background: 'color-mix(in srgb, var(--bad) 26%, transparent) !important' },
});

export function YamlEditor({ label, text, onChange, problems, original, readOnly = false }: YamlEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const told = useRef(onChange);
  told.current = onChange;
  const first = useRef(text);
  const changes = useRef(new Compartment());
  /** Texts that were told and have not come back yet, oldest first. */
  const own = useRef<string[]>([]);
  /** What is typed is told once a frame: React takes fifty updates without a pause for a circle. */
  const frame = useRef<number>(undefined);
  /** The text is changed by others at this moment. */
  const written = useRef(false);

  useEffect(() => {
    // In a shadow root its styles are sheets and no elements: the policy of the page allows no others.
    const host = document.createElement('div');
    const tell = () => {
      frame.current = undefined;
      const typed = editor.state.doc.toString();
      own.current.push(typed);
      told.current(typed);
    };
    box.current!.append(host);
    const root = host.attachShadow({ mode: 'open' });
    const state = EditorState.create({
      doc: first.current,
      extensions: [
        ...[lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine()],
        ...[yaml(), indentUnit.of('  '), syntaxHighlighting(colours), lintGutter(), look],
        autocompletion({ override: [manifestCompletions] }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap]),
        // It can be focused anyway; what scrolls has to say so.
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged && !written.current) frame.current ??= requestAnimationFrame(tell);
        }),
        EditorState.readOnly.of(readOnly),
        // To read a line on a telephone nobody should have to push it to and fro.
        matchMedia('(max-width: 760px)').matches ? EditorView.lineWrapping : [],
        changes.current.of([]),
      ],
    });
    const editor = new EditorView({ state, parent: root, root });
    view.current = editor;
    return () => {
      first.current = editor.state.doc.toString();
      if (frame.current !== undefined) cancelAnimationFrame(frame.current);
      frame.current = undefined;
      editor.destroy();
      host.remove();
      view.current = undefined;
    };
  }, [label, readOnly]);

  // What others write into the text, e.g. the fields of a form. What comes back of what was typed here comes late: whoever types
  // fast is further by then, and must not lose a key.
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === text) {
      own.current = [];
      return;
    }
    const typed = own.current.lastIndexOf(text);
    if (typed >= 0) {
      own.current = own.current.slice(typed + 1);
      return;
    }
    own.current = [];
    if (frame.current !== undefined) cancelAnimationFrame(frame.current);
    frame.current = undefined;
    written.current = true;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    written.current = false;
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const within = (place: number) => Math.max(0, Math.min(place, editor.state.doc.length));
    const found = problems.map(
      ({ from, to, message }): Diagnostic => ({ from: within(from), to: within(to), severity: 'error', message }),
    );
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems]);

  useEffect(() => {
    const merge = original === undefined ? [] : unifiedMergeView({ original, mergeControls: false });
    view.current?.dispatch({ effects: changes.current.reconfigure(merge) });
  }, [original]);

  return <div ref={box} className="editor" />;
}

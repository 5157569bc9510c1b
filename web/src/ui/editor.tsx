import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import "./editor.css";

type Place = { where: string; why: string; line?: number | null };

const theme = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--paper)", color: "var(--ink)", height: "100%" },
  ".cm-content": {
    fontFamily: "ui-monospace, Menlo, Consolas, monospace",
    caretColor: "var(--ink)",
  },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--quiet)", border: "0" },
  "&.cm-focused": { outline: "2px solid var(--ours)" },
  ".cm-tooltip": {
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    borderColor: "var(--line)",
  },
});
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ours)" },
  { tag: tags.comment, color: "var(--quiet)" },
]);

/** The text, with what is wrong or could be better at its line. Tab leaves it, as everywhere. */
export default function Editor(props: {
  text: string;
  label: string;
  readOnly: boolean;
  problems: readonly Place[];
  advice?: readonly Place[];
  line?: number | undefined;
  write?: (text: string) => void;
}) {
  const { text, label, readOnly, problems, advice = NONE, line, write } = props;
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const told = useRef(write);
  told.current = write;
  const locked = useRef(new Compartment());
  const first = useRef({ text, label, readOnly });

  useEffect(() => {
    if (!box.current) return;
    const { text: begun, label: called, readOnly: shut } = first.current;
    view.current = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: begun,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          yaml(),
          theme,
          syntaxHighlighting(colours),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": called }),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          locked.current.of(EditorState.readOnly.of(shut)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, []);

  useEffect(() => {
    const here = view.current;
    if (!here || here.state.doc.toString() === text) return;
    here.dispatch({ changes: { from: 0, to: here.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({
      effects: locked.current.reconfigure(EditorState.readOnly.of(readOnly)),
    });
  }, [readOnly]);

  useEffect(() => {
    const here = view.current;
    if (!here) return;
    const found = [
      ...marks(here.state, problems, "error"),
      ...marks(here.state, advice, "warning"),
    ];
    here.dispatch(setDiagnostics(here.state, found));
  }, [problems, advice]);

  useEffect(() => {
    const here = view.current;
    if (!here || !line) return;
    const at = here.state.doc.line(Math.min(line, here.state.doc.lines)).from;
    here.dispatch({ effects: EditorView.scrollIntoView(at, { y: "start", yMargin: 24 }) });
  }, [line]);

  return <div ref={box} className="text-editor" />;
}

const NONE: readonly Place[] = [];

function marks(
  state: EditorState,
  problems: readonly Place[],
  severity: Diagnostic["severity"],
): Diagnostic[] {
  return problems.map(({ line, where, why }) => {
    const at = state.doc.line(Math.min(Math.max(line ?? 1, 1), state.doc.lines));
    const from = at.from + (at.text.length - at.text.trimStart().length);
    return { from, to: at.to, severity, message: `${where}: ${why}` };
  });
}

import { Button, Drawer, Flex, Spin } from "antd";
import { lazy, type ReactNode, Suspense } from "react";
import type { Place } from "@/api/client";
import { ByLine, Problem } from "./states";
import { words } from "./words";
import "./written.css";

const Editor = lazy(() => import("./editor"));

const useWords = words("written", {
  save: ["保存", "Save"],
  checking: ["正在检查…", "Being checked…"],
  to_do: ["{{count}} 处要改", "{{count}} thing to mend", "{{count}} things to mend"],
  good: ["可以保存", "Can be saved"],
  help: ["每一行写什么", "What each line says"],
});

/** What is known of a text: `known` once the server has looked at it as it stands. */
export interface Checked {
  problems: readonly Place[];
  known: boolean;
}

/** A text in a drawer, with what is wrong at its lines, what each line means, and what it makes. */
export function Written(props: {
  title: string;
  text: string;
  write: (text: string) => void;
  checked: Checked;
  keep: () => void;
  busy: boolean;
  error: unknown;
  readOnly: boolean;
  close: () => void;
  help: readonly (readonly [field: string, meaning: string])[];
  aside?: ReactNode;
}) {
  const { title, text, write, checked, keep, busy, error, readOnly, close, help, aside } = props;
  const say = useWords();
  const { problems, known } = checked;
  const verdict = !known
    ? say("checking")
    : problems.length
      ? say("to_do", { count: problems.length })
      : say("good");
  return (
    <Drawer
      open
      size={aside ? 1080 : 736}
      title={title}
      onClose={close}
      footer={
        !readOnly && (
          <Flex justify="end">
            <Button
              type="primary"
              disabled={!known || problems.length > 0}
              loading={busy}
              onClick={keep}
            >
              {say("save")}
            </Button>
          </Flex>
        )
      }
    >
      <div className={aside ? "written written-beside" : "written"}>
        <Flex vertical gap={12} className="written-text">
          <Problem error={error} />
          <span role="status" className={problems.length ? "tone-waits" : "quiet"}>
            {verdict}
          </span>
          <div className="written-editor">
            <Suspense fallback={<Spin />}>
              <Editor
                text={text}
                label={title}
                readOnly={readOnly}
                problems={problems}
                write={write}
              />
            </Suspense>
          </div>
          <ByLine
            found={problems.map((one) => ({ ...one, line: one.line ?? null }))}
            className="written-problems"
          />
          <details className="written-help">
            <summary>{say("help")}</summary>
            <dl>
              {help.map(([field, meaning]) => (
                <div key={field}>
                  <dt>
                    <code>{field}</code>
                  </dt>
                  <dd data-raw>{meaning}</dd>
                </div>
              ))}
            </dl>
          </details>
        </Flex>
        {aside}
      </div>
    </Drawer>
  );
}

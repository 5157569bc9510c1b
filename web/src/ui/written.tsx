import { Button, Drawer, Flex, Segmented, Spin } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Failure, Place } from "@/api/client";
import { asksOf, type FormName, saidBy } from "./form/asks";
import type { Undoing } from "./form/desk";
import { Back, Form } from "./form/form";
import { useForm } from "./form/form.words";
import { type Meanwhile, Overtaken, overtaken } from "./kept";
import { ByLine, Problem } from "./states";
import { useHistory } from "./text/history";
import { useLanguage, words } from "./words";
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

type How = "form" | "text";
const REMEMBERED = "siyu.written";

/** As a form unless one chose the text before. */
function useHow(): [How, (how: How) => void] {
  const [how, choose] = useState<How>(() =>
    localStorage.getItem(REMEMBERED) === "text" ? "text" : "form",
  );
  return [
    how,
    (next) => {
      localStorage.setItem(REMEMBERED, next);
      choose(next);
    },
  ];
}

interface Props {
  title: string;
  label: string; // of the text
  form: FormName;
  text: string;
  write: (text: string) => void;
  checked: Checked;
  keep: () => void;
  busy: boolean;
  error: unknown;
  readOnly: boolean;
  close: () => void;
  meanwhile: Meanwhile;
  /** What stands beside it; `put` replaces the text, which can be undone. */
  aside?: (put: (text: string) => void) => ReactNode;
}

/** A text in a drawer as a form or as it is written, with what is wrong and what it makes. */
export function Written(props: Props) {
  const { title, text, write, checked, keep, busy, readOnly, close, aside } = props;
  const say = useWords();
  const [how, choose] = useHow();
  const undoing = useHistory(text, write);
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
          <Wrong {...props} put={undoing.put} />
          <Flex wrap justify="space-between" align="center" gap={8}>
            <span role="status" className={problems.length ? "tone-waits" : "quiet"}>
              {verdict}
            </span>
            <Flex gap={8} align="center">
              {!readOnly && <Back undoing={undoing} />}
              <Switch how={how} choose={choose} />
            </Flex>
          </Flex>
          <Said {...props} how={how} undoing={undoing} asText={() => choose("text")} />
        </Flex>
        {aside?.(undoing.put)}
      </div>
    </Drawer>
  );
}

function Wrong({ error, meanwhile, put }: Props & { put: (text: string) => void }) {
  if (!overtaken(error)) return <Problem error={error} />;
  return <Overtaken error={error as Failure} meanwhile={meanwhile} put={put} />;
}

function Switch({ how, choose }: { how: How; choose: (how: How) => void }) {
  const say = useForm();
  return (
    <Segmented<How>
      aria-label={say("how")}
      size="small"
      value={how}
      options={(["form", "text"] as const).map((one) => ({ value: one, label: say(one) }))}
      onChange={choose}
    />
  );
}

function Said(props: Props & { how: How; undoing: Undoing; asText: () => void }) {
  const { how, form, text, undoing, checked, readOnly, asText } = props;
  const say = useForm();
  const said = how === "form" ? saidBy(text) : null;
  if (said)
    return (
      <Form
        form={form}
        text={text}
        said={said}
        undoing={undoing}
        problems={checked.problems}
        readOnly={readOnly}
        asText={asText}
      />
    );
  return (
    <>
      {how === "form" && <p className="tone-waits written-note">{say("unreadable")}</p>}
      <Text {...props} />
    </>
  );
}

/** The text itself, with what is wrong at its lines and what each line means. */
function Text(props: Props & { undoing: Undoing }) {
  const { label, form, text, undoing, checked, readOnly } = props;
  const say = useWords();
  const [language] = useLanguage();
  const { problems } = checked;
  return (
    <>
      <div className="written-editor">
        <Suspense fallback={<Spin />}>
          <Editor
            text={text}
            label={label}
            readOnly={readOnly}
            problems={problems}
            write={(next) => undoing.put(next, "text")}
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
          {asksOf(form).map((one) => (
            <div key={one.name}>
              <dt>
                <code>{one.name}</code>
              </dt>
              <dd data-raw>
                {[one.title, one.help].flatMap((said) => said?.[language] ?? []).join(" · ")}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

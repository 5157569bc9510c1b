import { Alert, Button, Flex, Modal, Popconfirm, Spin } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useBlocker } from "react-router";
import { api } from "@/api/client";
import type { SchemaDetail, SchemaDrawn } from "@/api/schema";
import { useMay } from "@/api/session";
import { Failed } from "@/ui/states";
import { type Undoing, useHistory } from "@/ui/text/history";
import { type Draft, useDraft } from "./draft";
import { difference, useTongue } from "./said";

const Editor = lazy(() => import("@/ui/editor"));
const PAUSE = 400; // ms without a key before it is checked

/** What is being written: the draft, what the server says of it, and whether it may be published. */
export interface Writing {
  text: string;
  edited: boolean;
  base: number;
  checked: SchemaDrawn | undefined;
  busy: boolean;
  error: unknown;
  good: boolean;
  write: (text: string) => void;
  undoing: Undoing;
  keep: (draft: Draft | null) => void;
}

/** What is being written over: a journey, or the blank of one that is to be. */
export type Base = Pick<SchemaDetail, "code" | "text" | "latest">;

export function useWriting(detail: Base): Writing {
  const [draft, keep] = useDraft(detail.code);
  const edited = draft !== null && draft.text !== detail.text;
  const text = edited ? draft.text : detail.text;
  const settled = useSettled(text);
  const query = api.useQuery(
    "post",
    "/api/v1/journeys/draw",
    { body: { text: settled } },
    {
      enabled: edited,
      staleTime: 60_000,
      placeholderData: (before: SchemaDrawn | undefined) => before,
    },
  );
  const undoing = useHistory(text, (next) =>
    keep(next === detail.text ? null : { text: next, base }),
  );
  const busy = edited && (settled !== text || query.isFetching);
  const base = edited ? draft.base : detail.latest;
  return {
    text,
    edited,
    base,
    checked: edited ? query.data : undefined,
    busy,
    error: edited ? query.error : null,
    good: edited && !busy && query.data?.graph != null && base === detail.latest,
    write: (next) => undoing.put(next, "typed"),
    undoing,
    keep,
  };
}

function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** The text beside its drawing, with what is wrong at its lines. */
export function Text(props: { detail: Base; writing: Writing; line: number | undefined }) {
  const { detail, writing, line } = props;
  const { say } = useTongue();
  const may = useMay();
  const readOnly = !may("journeys.publish");
  const problems = writing.checked?.problems ?? NONE;
  return (
    <section className="panel journey-text" aria-label={say("text")}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <Flex gap={8} align="center">
          <h2>{say("text")}</h2>
          <Verdict writing={writing} />
        </Flex>
        {readOnly && <span className="quiet">{say("read_only")}</span>}
        <Discard writing={writing} />
      </Flex>
      {writing.edited && writing.base !== detail.latest && (
        <MovedOn detail={detail} writing={writing} />
      )}
      <Suspense fallback={<Spin />}>
        <Editor
          text={writing.text}
          label={say("text_label")}
          readOnly={readOnly}
          problems={problems}
          line={line}
          write={writing.write}
        />
      </Suspense>
      <Problems found={problems} />
      {writing.edited && <span className="quiet">{say("kept")}</span>}
      <Leaving edited={writing.edited} code={detail.code} />
    </section>
  );
}

/** What is wrong, line by line; what is said of no line is wrong with all of it. */
function Problems({ found }: { found: SchemaDrawn["problems"] }) {
  const { say } = useTongue();
  if (found.length === 0) return null;
  return (
    <ul className="journey-problems" aria-live="polite">
      {found.map((one) => (
        <li key={`${one.line} ${one.where} ${one.why}`}>
          <strong>{one.line === null ? say("whole") : say("line_n", { line: one.line })}</strong>{" "}
          {one.line !== null && <code>{one.where}</code>} <span>{one.why}</span>
        </li>
      ))}
    </ul>
  );
}

export function Discard({ writing }: { writing: Writing }) {
  const { say } = useTongue();
  if (!writing.edited) return null;
  return (
    <Popconfirm
      title={say("discard_sure")}
      okText={say("discard")}
      cancelText={say("cancel")}
      onConfirm={() => writing.keep(null)}
    >
      <Button size="small">{say("discard")}</Button>
    </Popconfirm>
  );
}

export function Verdict({ writing }: { writing: Writing }) {
  const { say } = useTongue();
  if (!writing.edited) return null;
  if (writing.busy) return <span className="quiet">{say("checking")}</span>;
  if (writing.error) return <Failed error={writing.error} />;
  const many = writing.checked?.problems.length ?? 0;
  return many ? (
    <span className="tone-harm" role="status">
      {say("problems", { count: many })}
    </span>
  ) : (
    <span className="tone-ours" role="status">
      {say("edited")} · {say("good")}
    </span>
  );
}

/** Somebody stored a version meanwhile: what it changed, and what to do with mine. */
export function MovedOn({ detail, writing }: { detail: Base; writing: Writing }) {
  const tongue = useTongue();
  const { say } = tongue;
  const [seen, see] = useState(false);
  const { latest, code } = detail;
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/{code}/diff",
    { params: { path: { code }, query: { old: writing.base, new: latest } } },
    { enabled: seen },
  );
  return (
    <Alert
      type="warning"
      showIcon
      title={say("moved_on", { latest, base: writing.base })}
      description={
        <Flex vertical gap={8}>
          <span>{say("moved_on_why")}</span>
          {seen && query.data && (
            <ul className="journey-changes">
              {query.data.differences.map((one) => (
                <li key={`${one.code} ${one.step} ${one.field}`}>{difference(one, tongue)}</li>
              ))}
            </ul>
          )}
          <Flex gap={8} wrap>
            {!seen && (
              <Button size="small" onClick={() => see(true)}>
                {say("see_theirs", { version: latest })}
              </Button>
            )}
            <Button size="small" onClick={() => writing.keep(null)}>
              {say("start_over")}
            </Button>
            <Button size="small" onClick={() => writing.keep({ text: writing.text, base: latest })}>
              {say("keep_mine", { version: latest })}
            </Button>
          </Flex>
        </Flex>
      }
    />
  );
}

/** Nothing is lost by leaving, but whoever leaves should know that it is not published. */
export function Leaving({ edited, code }: { edited: boolean; code: string }) {
  const { say } = useTongue();
  const here = `/journeys/${code}`;
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      edited &&
      currentLocation.pathname === here &&
      nextLocation.pathname !== here &&
      !nextLocation.pathname.startsWith(`${here}/`), // a dry run of it leads back
  );
  return (
    <Modal
      open={blocker.state === "blocked"}
      title={say("leave_title")}
      okText={say("leave")}
      cancelText={say("stay")}
      onOk={() => blocker.proceed?.()}
      onCancel={() => blocker.reset?.()}
    >
      {say("leave_why")}
    </Modal>
  );
}

const NONE: SchemaDrawn["problems"] = [];

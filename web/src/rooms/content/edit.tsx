import { Alert, Button, Flex, Modal, Segmented, Spin } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useBlocker, useNavigate, useParams, useSearchParams } from "react-router";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Page } from "@/ui/page";
import { Shown as Asked, ByLine, Problem } from "@/ui/states";
import { type Checked, useChecked } from "./checked";
import { BLANK, read, textOf } from "./draft";
import { Form } from "./form";
import { type Say, useContent } from "./words";
import "./content.css";

const Editor = lazy(() => import("@/ui/editor"));
export const NEW = "_new"; // no code begins so

/** A material that is being written: as a form or as text, both always equal, with findings as one writes. */
export function Component() {
  const { code = NEW } = useParams();
  const [params] = useSearchParams();
  const say = useContent();
  const from = code === NEW ? (params.get("from") ?? "") : code;
  const query = api.useQuery(
    "get",
    "/api/v1/materials/{code}",
    { params: { path: { code: from } } },
    { enabled: from !== "" },
  );
  const begin = useMemo(() => {
    if (from === "") return BLANK;
    return query.data && textOf(query.data, code === NEW ? `${from}-own` : from);
  }, [from, code, query.data]);
  const title = code === NEW ? say("new") : say("edit_title", { title: named(query.data, code) });
  if (begin !== undefined)
    return <Writing key={`${code} ${from}`} begin={begin} title={title} isNew={code === NEW} />;
  return (
    <Page title={title}>
      <Asked query={query}>{() => null}</Asked>
    </Page>
  );
}

const named = (found: { material: { title: string } } | undefined, code: string) =>
  found?.material.title || code;

function Writing(props: { begin: string; title: string; isNew: boolean }) {
  const { title, isNew } = props;
  const say = useContent();
  const [begin] = useState(props.begin); // a newer version that comes meanwhile takes nothing away
  const [text, write] = useState(begin);
  const [as, see] = useState<"form" | "text">("form");
  const said = read(text);
  const checked = useChecked(text);
  const edited = text !== begin;
  return (
    <Page
      title={title}
      under={<Verdict checked={checked} say={say} />}
      primary={<Save text={text} code={said?.code ?? ""} checked={checked} />}
    >
      <Flex vertical gap={12}>
        <Segmented
          aria-label={title}
          style={{ alignSelf: "flex-start" }}
          value={as}
          options={[
            { value: "form", label: say("as_form") },
            { value: "text", label: say("as_text") },
          ]}
          onChange={(chosen) => see(chosen as typeof as)}
        />
        {as === "form" && said && (
          <Form text={text} said={said} isNew={isNew} checked={checked} write={write} />
        )}
        {as === "form" && !said && <Alert type="warning" showIcon title={say("unreadable")} />}
        {(as === "text" || !said) && (
          <section className="panel content-editor" aria-label={say("as_text")}>
            <Suspense fallback={<Spin />}>
              <Editor
                text={text}
                label={say("as_text")}
                readOnly={false}
                problems={checked.problems}
                advice={checked.advice}
                write={write}
              />
            </Suspense>
            <Findings checked={checked} />
          </section>
        )}
      </Flex>
      <Leaving edited={edited} />
    </Page>
  );
}

/** All that the server found, by line; below the text. */
export function Findings({ checked }: { checked: Pick<Checked, "problems" | "advice"> }) {
  const found = [
    ...checked.problems.map((one) => ({ ...one, tone: "tone-harm" })),
    ...checked.advice.map((one) => ({ ...one, tone: "tone-waits" })),
  ];
  return <ByLine found={found} className="content-findings" />;
}

function Verdict({ checked, say }: { checked: Checked; say: Say }) {
  const { busy, wrong, better } = checked;
  const many = wrong.length || better.length;
  const said = busy
    ? say("checking")
    : wrong.length
      ? say("wrong", { count: wrong.length })
      : better.length
        ? say("better", { count: better.length })
        : say("nothing_better");
  return (
    <span role="status" className={many && !busy ? "tone-waits" : "quiet"}>
      {said}
    </span>
  );
}

function Save({ text, code, checked }: { text: string; code: string; checked: Checked }) {
  const say = useContent();
  const may = useMay();
  const go = useNavigate();
  const told = useDone();
  const keep = useAct("post", "/api/v1/materials", {
    onSuccess: ({ written, state }) => {
      told(
        say(!written.length ? "saved_same" : state === "draft" ? "saved_draft" : "saved_approved"),
      );
      go(`/content/materials/${code}`, { state: { kept: true } });
    },
  });
  const ready = checked.known && !checked.busy && !checked.problems.length && code !== "";
  const save = (draft: boolean) => keep.mutate({ body: { text, draft, by: "" } });
  return (
    <Flex vertical gap={8} align="flex-end">
      <Flex gap={8} wrap>
        {may("content.approve") && (
          <Button disabled={!ready} loading={keep.isPending} onClick={() => save(false)}>
            {say("save_approved")}
          </Button>
        )}
        <Button
          type="primary"
          disabled={!ready}
          loading={keep.isPending}
          onClick={() => save(true)}
        >
          {say("save_draft")}
        </Button>
      </Flex>
      <Problem error={keep.error} />
    </Flex>
  );
}

/** What is not saved would be lost: whoever leaves should know. */
function Leaving({ edited }: { edited: boolean }) {
  const say = useContent();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      edited &&
      nextLocation.pathname !== currentLocation.pathname &&
      !(nextLocation.state as { kept?: true } | null)?.kept,
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

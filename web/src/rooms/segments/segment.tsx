import { Alert, Button, Dropdown, Flex, Modal, Popconfirm, Spin, Tabs, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useBlocker, useNavigate, useParams } from "react-router";
import { api } from "@/api/client";
import type { components, SchemaSiyuApiSegmentsWrong } from "@/api/schema";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { useSettled } from "@/ui/settled";
import { ByLine, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { About } from "./about";
import { Builder } from "./builder";
import { HowMany, PAUSE, Sample, useCounted, Why } from "./found";
import { Keep } from "./keep";
import { Export, Retire } from "./leaving";
import { type Family, sentence, type Tongue, useTongue } from "./say";
import { read, type Said, write } from "./tree";
import { Versions } from "./versions";
import { type Say, useSegments } from "./words";
import "./segments.css";

const Editor = lazy(() => import("@/ui/editor"));

export type Detail = components["schemas"]["SegmentDetail"];
export const NEW = "_new"; // no code begins so
const BLANK = 'segment: ""\ntitle: {zh: "", en: ""}\n';

/** One segment, or one that is to be: its sentence, its text, how many it finds, and who. */
export function Component() {
  const { code = NEW } = useParams();
  const say = useSegments();
  const isNew = code === NEW;
  const forms = api.useQuery(
    "get",
    "/api/v1/predicates",
    {},
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const detail = api.useQuery(
    "get",
    "/api/v1/segments/{segment}",
    { params: { path: { segment: code } } },
    { enabled: !isNew },
  );
  const { families } = forms.data ?? {};
  if (families && (isNew || detail.data))
    return (
      <Segment key={code} detail={isNew ? null : (detail.data as Detail)} families={families} />
    );
  return (
    <Page title={say(isNew ? "new" : "title")}>
      {forms.error || isNew ? (
        <Shown query={forms}>{() => null}</Shown>
      ) : (
        <Shown query={detail}>{() => null}</Shown>
      )}
    </Page>
  );
}

/** What is being written of one segment, and what is known of it meanwhile. */
function useEditing(detail: Detail | null) {
  const stored = detail?.text ?? BLANK;
  const [text, setText] = useState(stored);
  const [base, rebase] = useState(stored);
  if (base !== stored) {
    // kept meanwhile, here or elsewhere: what was not edited follows
    rebase(stored);
    if (text === base) setText(stored);
  }
  const said = read(text);
  const looked = useLooked(text, said);
  const counted = useCounted(looked.body);
  const parts = looked.whole && counted.data ? counted.data.parts : null;
  return {
    detail,
    text,
    said,
    looked,
    counted,
    counts: parts && new Map(parts.map((one) => [one.where, one.customers])),
    edited: text !== stored,
    readOnly: !useMay()("segments.write"),
    write: setText,
    change: (part: Partial<Said>) => setText(write(text, part)),
    discard: () => setText(stored),
  };
}

type Editing = ReturnType<typeof useEditing>;

function Segment({ detail, families }: { detail: Detail | null; families: readonly Family[] }) {
  const tongue = useTongue(families);
  const { say, language } = tongue;
  const [{ why, tab }, filter] = useFilters(["why", "tab"]);
  const editing = useEditing(detail);
  const { looked } = editing;
  return (
    <Page
      title={detail ? detail.title[language] || detail.code : say("new")}
      under={detail && <Under of={detail} tongue={tongue} />}
      primary={<Acts editing={editing} tongue={tongue} />}
    >
      {detail?.retired_at && <Alert type="warning" showIcon title={say("retired_note")} />}
      {detail && (
        <Tabs
          activeKey={tab || "edit"}
          onChange={(key) => filter({ tab: key === "edit" ? "" : key })}
          items={[
            { key: "edit", label: say("tab_edit") },
            { key: "versions", label: say("tab_versions") },
          ]}
        />
      )}
      {tab === "versions" && detail ? (
        <Versions
          of={detail}
          use={(older) => {
            editing.write(older);
            filter({ tab: "" });
          }}
          readOnly={editing.readOnly}
        />
      ) : (
        <div className="segment">
          <Desk editing={editing} tongue={tongue} />
          <aside className="seg-side">
            <HowMany tongue={tongue} whole={looked.whole} query={editing.counted} />
            <Sample
              tongue={tongue}
              body={looked.body}
              why={(customer) => filter({ why: customer })}
            />
          </aside>
        </div>
      )}
      {why && looked.body && (
        <Why tongue={tongue} body={looked.body} customer={why} close={() => filter({ why: "" })} />
      )}
      <Leaving edited={editing.edited} code={detail?.code ?? NEW} />
    </Page>
  );
}

/** The sentence, what it is called, and the text. */
function Desk({ editing, tongue }: { editing: Editing; tongue: Tongue }) {
  const { detail, said, looked, counts, counted, readOnly, change } = editing;
  const { say } = tongue;
  return (
    <div className="seg-main">
      <section className="panel" aria-label={say("sentence")}>
        <h2>{say("sentence")}</h2>
        {said ? (
          <>
            {said.when && (
              <p className="seg-sentence" data-raw>
                {sentence(said.when, tongue)}
              </p>
            )}
            <p className="quiet small">{say(readOnly ? "read_only" : "sentence_help")}</p>
            <Builder
              tongue={tongue}
              when={said.when}
              readOnly={readOnly}
              counts={counts}
              everybody={counted.data?.everybody ?? 0}
              problems={looked.problems}
              change={(when) => change({ when })}
            />
          </>
        ) : (
          <Alert type="warning" showIcon title={say("unreadable")} />
        )}
      </section>
      {said && <About said={said} isNew={!detail} readOnly={readOnly} change={change} say={say} />}
      <Text editing={editing} say={say} />
    </div>
  );
}

/** What can be done with it: save; of one that is kept, export and retire. */
function Acts({ editing, tongue }: { editing: Editing; tongue: Tongue }) {
  const { detail, said, text, edited, looked, readOnly } = editing;
  const { say } = tongue;
  const may = useMay();
  const go = useNavigate();
  const [asked, ask] = useState<"save" | "export" | "retire" | null>(null);
  const close = () => ask(null);
  const standing = detail && !detail.retired_at;
  const items = [
    ...(standing && may("customers.read") ? [{ key: "export", label: say("export") }] : []),
    ...(standing && !readOnly ? [{ key: "retire", label: say("retire"), danger: true }] : []),
  ];
  const back = detail?.retired_at != null; // saved as it is, it is there again
  return (
    <Flex gap={8} wrap>
      {items.length > 0 && (
        <Dropdown
          trigger={["click"]}
          menu={{ items, onClick: ({ key }) => ask(key as typeof asked) }}
        >
          <Button>{say("more")}</Button>
        </Dropdown>
      )}
      {!readOnly && (
        <Button
          type="primary"
          disabled={!(edited || back) || !looked.good}
          onClick={() => ask("save")}
        >
          {say("save")}
        </Button>
      )}
      {said && asked === "save" && (
        <Keep
          said={said}
          text={text}
          detail={detail}
          tongue={tongue}
          close={close}
          done={(kept) => {
            close();
            if (kept !== detail?.code) go(`/customers/segments/${kept}`, { state: { kept: true } });
          }}
        />
      )}
      {detail && asked === "export" && <Export of={detail} close={close} />}
      {detail && asked === "retire" && <Retire of={detail} tongue={tongue} close={close} />}
    </Flex>
  );
}

export interface Looked {
  problems: SchemaSiyuApiSegmentsWrong[];
  busy: boolean;
  error: unknown;
  /** The text may be kept. */
  good: boolean;
  /** Its conditions can be counted, though a name may still be missing. */
  whole: boolean;
  /** The conditions alone, as they are asked for; "" while they are not whole. */
  body: string;
}

/** What the server says of the text, a moment after the last change. */
function useLooked(text: string, said: Said | null): Looked {
  const settled = useSettled(text, PAUSE);
  const query = api.useQuery(
    "post",
    "/api/v1/segments/check",
    { body: { text: settled, code: "" } },
    {
      enabled: settled.trim() !== "",
      staleTime: 60_000,
      placeholderData: (before: components["schemas"]["SegmentChecked"] | undefined) => before,
    },
  );
  const busy = settled !== text || query.isFetching;
  const problems = query.data?.problems ?? NONE;
  const settledSaid = settled === text ? said : read(settled);
  const when = settledSaid?.when ?? null;
  const wrong = problems.some((one) => one.where.startsWith("when") || one.where === "text");
  const whole = when !== null && query.data !== undefined && !query.isPlaceholderData && !wrong;
  return {
    problems,
    busy,
    error: query.error,
    good: !busy && query.data !== undefined && problems.length === 0 && said !== null,
    whole,
    body: whole ? JSON.stringify(when) : "",
  };
}

const NONE: Looked["problems"] = [];

function Under({ of, tongue: { say } }: { of: Detail; tongue: Tongue }) {
  return (
    <Flex gap={8} wrap align="center" component="span">
      <code>{of.code}</code>
      <span>{say("version_n", { version: of.version })}</span>
      <span>
        <When at={of.set_at} /> <span data-raw>{say("by", { who: of.set_by })}</span>
      </span>
      {of.live && <Tag className="tone-ours">{say("live")}</Tag>}
      {of.layer && (
        <Tag>
          {say("layer")} <span data-raw>{of.layer}</span>
        </Tag>
      )}
    </Flex>
  );
}

/** The text, which says what the sentence says, with what is wrong at its lines. */
function Text({ editing, say }: { editing: Editing; say: Say }) {
  const { text, edited, looked, readOnly, write: written, discard } = editing;
  const { problems } = looked;
  return (
    <section className="panel seg-text" aria-label={say("text")}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <h2>{say("text")}</h2>
        <span role="status" className={problems.length ? "tone-waits" : "quiet"}>
          {verdict(editing, say)}
        </span>
        {edited && !readOnly && (
          <Popconfirm
            title={say("discard_sure")}
            okText={say("discard")}
            cancelText={say("cancel")}
            onConfirm={discard}
          >
            <Button size="small">{say("discard")}</Button>
          </Popconfirm>
        )}
      </Flex>
      <Suspense fallback={<Spin />}>
        <Editor
          text={text}
          label={say("text_label")}
          readOnly={readOnly}
          problems={problems}
          write={written}
        />
      </Suspense>
      <ByLine found={problems} className="seg-problems" />
    </section>
  );
}

function verdict({ looked, edited }: Editing, say: Say): string {
  if (looked.busy) return say("checking");
  const many = looked.problems.length;
  return many ? say("to_do", { count: many }) : say(edited ? "unsaved" : "good");
}

/** What is not saved would be lost: whoever leaves should know. */
function Leaving({ edited, code }: { edited: boolean; code: string }) {
  const say = useSegments();
  const here = `/customers/segments/${code}`;
  const blocker = useBlocker(
    ({ nextLocation }) =>
      edited && nextLocation.pathname !== here && !(nextLocation.state as { kept?: true })?.kept,
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

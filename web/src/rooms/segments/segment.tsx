import { Alert, Button, Dropdown, Flex, Modal, Popconfirm, Spin, Tabs, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useBlocker, useNavigate, useParams } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { About } from "./about";
import { Builder } from "./builder";
import { HowMany, Sample, useCounted, useSettled, Why } from "./found";
import { Keep } from "./keep";
import { Export, Retire } from "./leaving";
import { type Family, sentence, type Tongue, useTongue } from "./say";
import { read, type Said, write } from "./tree";
import { Versions } from "./versions";
import { useSegments } from "./words";
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
      <Shown query={forms.error || isNew ? forms : detail}>{() => <Spin />}</Shown>
    </Page>
  );
}

function Segment({ detail, families }: { detail: Detail | null; families: readonly Family[] }) {
  const tongue = useTongue(families);
  const { say, language } = tongue;
  const may = useMay();
  const go = useNavigate();
  const stored = detail?.text ?? BLANK;
  const [text, setText] = useState(stored);
  const [base, rebase] = useState(stored);
  const [{ why, tab }, filter] = useFilters(["why", "tab"]);
  const [saving, save] = useState(false);
  const [asked, ask] = useState<"export" | "retire" | null>(null);
  if (base !== stored) {
    // kept meanwhile, here or elsewhere: what was not edited follows
    rebase(stored);
    if (text === base) setText(stored);
  }
  const edited = text !== stored;
  const readOnly = !may("segments.write");
  const said = read(text);
  const looked = useLooked(text, said);
  const counted = useCounted(looked.body);
  const counts =
    counted.data && looked.whole
      ? new Map(counted.data.parts.map((one) => [one.where, one.customers]))
      : null;
  const change = (part: Partial<Said>) => setText(write(text, part));
  const title = detail ? detail.title[language] || detail.code : say("new");
  const items = [
    ...(may("customers.read") ? [{ key: "export", label: say("export") }] : []),
    ...(readOnly ? [] : [{ key: "retire", label: say("retire"), danger: true }]),
  ];
  return (
    <Page
      title={title}
      under={detail && <Under of={detail} tongue={tongue} />}
      primary={
        <Flex gap={8} wrap>
          {detail && !detail.retired_at && items.length > 0 && (
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
              disabled={!(edited || detail?.retired_at) || !looked.good}
              onClick={() => save(true)}
            >
              {say("save")}
            </Button>
          )}
        </Flex>
      }
    >
      {detail?.retired_at && <Alert type="warning" showIcon title={say("retired_note")} />}
      <Tabs
        activeKey={tab || "edit"}
        onChange={(key) => filter({ tab: key === "edit" ? "" : key })}
        items={[
          { key: "edit", label: say("tab_edit"), children: null },
          ...(detail ? [{ key: "versions", label: say("tab_versions"), children: null }] : []),
        ]}
      />
      {tab === "versions" && detail ? (
        <Versions
          of={detail}
          use={(older) => {
            setText(older);
            filter({ tab: "" });
          }}
          readOnly={readOnly}
        />
      ) : (
        <div className="segment">
          <div className="seg-main">
            <section className="panel" aria-label={say("sentence")}>
              <h2>{say("sentence")}</h2>
              {said ? (
                <>
                  <p className="seg-sentence" data-raw>
                    {said.when && sentence(said.when, tongue)}
                  </p>
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
            {said && (
              <About
                said={said}
                isNew={detail === null}
                readOnly={readOnly}
                change={change}
                say={say}
              />
            )}
            <Text
              text={text}
              edited={edited}
              looked={looked}
              readOnly={readOnly}
              write={setText}
              discard={() => setText(stored)}
              say={say}
            />
          </div>
          <aside className="seg-side">
            <HowMany tongue={tongue} whole={looked.whole} query={counted} />
            <Sample
              tongue={tongue}
              body={looked.whole ? looked.body : ""}
              why={(customer) => filter({ why: customer })}
            />
          </aside>
        </div>
      )}
      {why && looked.body && (
        <Why tongue={tongue} body={looked.body} customer={why} close={() => filter({ why: "" })} />
      )}
      {saving && said && (
        <Keep
          said={said}
          text={text}
          detail={detail}
          tongue={tongue}
          close={() => save(false)}
          done={(kept) => {
            rebase(text);
            save(false);
            if (kept !== detail?.code) go(`/customers/segments/${kept}`, { state: { kept: true } });
          }}
        />
      )}
      {detail && asked === "export" && <Export of={detail} close={() => ask(null)} />}
      {detail && asked === "retire" && (
        <Retire of={detail} tongue={tongue} close={() => ask(null)} />
      )}
      <Leaving edited={edited && !saving} code={detail?.code ?? NEW} />
    </Page>
  );
}

export interface Looked {
  problems: components["schemas"]["Wrong"][];
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
  const settled = useSettled(text);
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
function Text(props: {
  text: string;
  edited: boolean;
  looked: Looked;
  readOnly: boolean;
  write: (text: string) => void;
  discard: () => void;
  say: ReturnType<typeof useSegments>;
}) {
  const { text, edited, looked, readOnly, write: written, discard, say } = props;
  const { problems, busy } = looked;
  return (
    <section className="panel seg-text" aria-label={say("text")}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <h2>{say("text")}</h2>
        <span role="status" className={problems.length ? "tone-waits" : "quiet"}>
          {busy
            ? say("checking")
            : problems.length
              ? say("to_do", { count: problems.length })
              : say(edited ? "unsaved" : "good")}
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
      {problems.length > 0 && (
        <ul className="seg-problems" aria-live="polite">
          {problems.map((one) => (
            <li key={`${one.line} ${one.where} ${one.why}`}>
              {one.line !== null && <strong>{say("line_n", { line: one.line })}</strong>}{" "}
              <code>{one.where}</code> <span data-raw>{one.why}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
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

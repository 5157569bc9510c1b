import { MoreOutlined } from "@ant-design/icons";
import { Button, Dropdown, Flex, Tabs } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api } from "@/api/client";
import type { SchemaDetail, SchemaGraph } from "@/api/schema";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useBoard } from "./board.words";
import { useDry } from "./dry.words";
import { AskDry } from "./dry-ask";
import { DryRuns } from "./dry-list";
import { Pause, Stop } from "./halt";
import "./journeys.css";
import { Notices } from "./notices";
import { FILTERS, Now } from "./now";
import { Parked } from "./parked";
import { Publish } from "./publish";
import { useTongue } from "./said";
import { Latest, Trial } from "./trial";
import { Versions } from "./versions";
import { useWriting } from "./writing";

/** One journey: its drawing with who is where, beside its text. */
export function Component() {
  const { code = "" } = useParams();
  const say = useBoard();
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/{code}",
    { params: { path: { code } } },
    { refetchInterval: 30_000 },
  );
  if (query.data) return <Journey key={code} detail={query.data} />;
  return (
    <main className="page" id="main">
      <Shown query={query} back={{ to: "/journeys", label: say("all") }}>
        {() => null}
      </Shown>
    </main>
  );
}

type Dialog = "" | "publish" | "trial" | "dry" | "pause" | "stop";

function Journey({ detail }: { detail: SchemaDetail }) {
  const tongue = useTongue();
  const { say, many } = tongue;
  const dry = useDry();
  const { code } = detail;
  const title = tongue.in(detail.title) || code;
  const writing = useWriting(detail);
  const [dialog, open] = useState<Dialog>("");
  const [filters, set] = useFilters(FILTERS);
  const days = Number(filters.days) || 7;
  const version = Number(filters.version) || detail.version;
  const graph = api.useQuery(
    "get",
    "/api/v1/journeys/{code}/graph",
    { params: { path: { code }, query: { version, days } } },
    { refetchInterval: 30_000, placeholderData: (before: SchemaGraph | undefined) => before },
  );
  const close = () => open("");
  const parked = graph.data?.nodes.reduce((sum, node) => sum + node.parked, 0) ?? 0;
  const under = detail.standing.reduce((sum, one) => sum + one.visits, 0);
  return (
    <Page
      title={title}
      under={<Under detail={detail} people={under} />}
      primary={<Primary detail={detail} good={writing.good} open={open} />}
    >
      <Notices detail={detail} />
      <Tabs
        activeKey={filters.tab || "now"}
        onChange={(tab) => set({ tab: tab === "now" ? "" : tab, node: "" })}
        items={[
          {
            key: "now",
            label: say("tab_now"),
            children: (
              <Now
                detail={detail}
                writing={writing}
                graph={graph}
                days={days}
                filters={filters}
                set={set}
              />
            ),
          },
          {
            key: "versions",
            label: say("tab_versions"),
            children: (
              <Versions
                code={code}
                draw={(one) => set({ tab: "", version: one === detail.version ? "" : String(one) })}
                edit={(text) => {
                  writing.write(text);
                  set({ tab: "", version: "" });
                }}
              />
            ),
          },
          {
            key: "parked",
            label: parked ? `${say("tab_parked")} ${many(parked)}` : say("tab_parked"),
            children: <Parked code={code} many={parked} />,
          },
          { key: "dry", label: dry("tab"), children: <DryRuns code={code} /> },
          { key: "tests", label: say("tab_tests"), children: <Latest code={code} /> },
        ]}
        destroyOnHidden
      />
      {dialog === "publish" && (
        <Publish
          title={title}
          text={writing.text}
          base={writing.base}
          done={() => {
            writing.keep(null);
            close();
          }}
          close={close}
        />
      )}
      {dialog === "trial" && (
        <Trial
          code={code}
          graph={writing.checked?.graph ?? graph.data}
          draft={writing.edited ? writing.text : null}
          close={close}
        />
      )}
      {dialog === "dry" && <AskDry text={writing.text} draft={writing.edited} close={close} />}
      {dialog === "pause" && <Pause code={code} title={title} close={close} />}
      {dialog === "stop" && <Stop code={code} title={title} left={under} close={close} />}
    </Page>
  );
}

function Primary(props: { detail: SchemaDetail; good: boolean; open: (dialog: Dialog) => void }) {
  const { detail, good, open } = props;
  const { say } = useTongue();
  const dry = useDry();
  const may = useMay();
  return (
    <Flex gap={8} wrap>
      {may("journeys.test") && <Button onClick={() => open("trial")}>{say("trial")}</Button>}
      {may("journeys.publish") && (
        <>
          <Button onClick={() => open("dry")}>{dry("dry")}</Button>
          <Button type="primary" disabled={!good} onClick={() => open("publish")}>
            {say("publish")}
          </Button>
        </>
      )}
      <More detail={detail} open={open} />
    </Flex>
  );
}

function More({ detail, open }: { detail: SchemaDetail; open: (dialog: Dialog) => void }) {
  const { say } = useTongue();
  const may = useMay();
  const items = [
    ...(may("touches.stop") && !detail.paused ? [{ key: "pause", label: say("pause") }] : []),
    ...(may("journeys.publish") && detail.published
      ? [{ key: "stop", label: say("stop"), danger: true }]
      : []),
  ];
  if (items.length === 0) return null;
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => open(key as Dialog) }}>
      <Button icon={<MoreOutlined />} aria-label={say("more")} />
    </Dropdown>
  );
}

function Under({ detail, people }: { detail: SchemaDetail; people: number }) {
  const { say, many } = useTongue();
  return (
    <span className="number">
      <code>{detail.code}</code> ·{" "}
      {detail.published ? say("version_n", { version: detail.version }) : say("stopped")}
      {detail.published_at && (
        <>
          {" "}
          · {say("published_at")} <When at={detail.published_at} />
        </>
      )}{" "}
      · {say("under_way")} {many(people)}
    </span>
  );
}

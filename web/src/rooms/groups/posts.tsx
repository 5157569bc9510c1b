import { Flex, Table, type TableProps, Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { Nothing, Shown } from "@/ui/states";
import { Exact, type Tone, When } from "@/ui/value";
import { useNames } from "./names";
import { usePlans } from "./plans.words";

type Ahead = components["schemas"]["GroupPost"];
type Said = components["schemas"]["SaidPost"];

const TONES: Record<Said["state"], Tone> = {
  owed: "plain",
  unknown: "waits",
  awaiting_staff: "waits",
  by_hand: "waits",
  sent: "ours",
  failed: "harm",
  withheld: "waits",
};
const AGAIN = { refetchInterval: 60_000 };

/** What calendars will say in the next days, and what came of what they have said. */
export function Posts() {
  const say = usePlans();
  const may = useMay()("moments.read");
  const ahead = api.useQuery("get", "/api/v1/groups/calendar", {}, AGAIN);
  const said = api.useQuery("get", "/api/v1/groups/posts", {}, AGAIN);
  return (
    <Flex vertical gap={16}>
      <section className="panel" aria-label={say("said")}>
        <Flex justify="space-between" gap={8} wrap>
          <h2>{say("said")}</h2>
          {may && <Link to="/journeys/moments">{say("window")}</Link>}
        </Flex>
        <p className="quiet">{say("said_why")}</p>
        <Shown query={said}>
          {({ posts }) =>
            posts.length === 0 ? <Nothing what={say("said_none")} /> : <SaidList rows={posts} />
          }
        </Shown>
      </section>
      <section className="panel" aria-label={say("ahead")}>
        <h2>{say("ahead")}</h2>
        <Shown query={ahead}>
          {({ posts }) =>
            posts.length === 0 ? <Nothing what={say("ahead_none")} /> : <AheadList rows={posts} />
          }
        </Shown>
      </section>
    </Flex>
  );
}

function SaidList({ rows }: { rows: Said[] }) {
  const say = usePlans();
  const columns: TableProps<Said>["columns"] = [
    { key: "at", title: say("at"), render: (_, row) => <When at={row.at} /> },
    {
      key: "what",
      title: say("plan"),
      render: (_, row) => (
        <>
          <code>{row.purpose}</code> <span className="quiet">{say(`through_${row.through}`)}</span>
          <div className="group-text" data-raw>
            {row.text || row.material}
          </div>
        </>
      ),
    },
    {
      key: "who",
      title: say("who"),
      render: (_, row) =>
        row.staff ? <span data-raw>{row.staff_name}</span> : <em>{say("nobody")}</em>,
    },
    { key: "state", title: say("state"), render: (_, row) => <State of={row} /> },
    {
      key: "act",
      title: "",
      render: (_, row) =>
        row.state === "by_hand" && <Link to="/tasks/presses">{say("to_hand")}</Link>,
    },
  ];
  return (
    <Table<Said>
      aria-label={say("said")}
      size="small"
      rowKey="id"
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

function State({ of }: { of: Said }) {
  const say = usePlans();
  const name = useNames();
  return (
    <>
      <Tag className={`tone-${TONES[of.state]}`}>{say(`state_${of.state}`)}</Tag>
      {of.groups > 0 && (
        <span className="number quiet small" title={of.titles.join("、")}>
          {say("sent_of", { sent: of.sent, all: of.groups, count: of.groups })}
        </span>
      )}
      {of.reason && (
        <div className="small tone-waits" data-raw>
          {of.reason}
        </div>
      )}
      {of.done_by && (
        <div className="small quiet" data-raw>
          {say("done_by", { who: name(of.done_by) })}
        </div>
      )}
    </>
  );
}

function AheadList({ rows }: { rows: Ahead[] }) {
  const say = usePlans();
  const name = useNames();
  const may = useMay()("content.read");
  const columns: TableProps<Ahead>["columns"] = [
    { key: "at", title: say("at"), render: (_, row) => <Exact at={row.at} /> },
    { key: "plan", title: say("plan"), render: (_, row) => <code>{row.purpose}</code> },
    { key: "through", title: say("through"), render: (_, row) => say(`through_${row.through}`) },
    {
      key: "material",
      title: say("material"),
      render: (_, row) =>
        may ? (
          <Link to={`/content/materials/${row.material}`}>
            <code>{row.material}</code>
          </Link>
        ) : (
          <code>{row.material}</code>
        ),
    },
    {
      key: "who",
      title: say("who"),
      render: (_, row) =>
        row.through === "group_message" ? (
          say("owner_each")
        ) : (
          <span data-raw>{row.owner ? name(row.owner) : "—"}</span>
        ),
    },
  ];
  return (
    <Table<Ahead>
      aria-label={say("ahead")}
      size="small"
      rowKey={(row) => `${row.purpose} ${row.at} ${row.material} ${row.through}`}
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

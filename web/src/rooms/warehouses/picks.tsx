import { Button, Flex, Segmented, Table, type TableProps } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useNow } from "@/ui/clock";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, Exact, When } from "@/ui/value";
import { useWarehouses } from "./words";

type Due = components["schemas"]["Due"];
type Picked = components["schemas"]["Picked"];

const DAYS = [1, 7, 30] as const;

/** What each warehouse is to be told next, and the files that it got. */
export function Picks() {
  const say = useWarehouses();
  const may = useMay()("parcels.pick");
  const now = useNow();
  const [days, setDays] = useState<number>(7);
  const [until] = useState(now);
  const since = new Date(until.getTime() - days * 86_400_000).toISOString();
  const due = api.useQuery("get", "/api/v1/picks/due", { params: { query: { since } } });
  const picks = api.useQuery("get", "/api/v1/picks", {});
  const make = useAct("post", "/api/v1/picks");
  const columns: TableProps<Due>["columns"] = [
    {
      key: "warehouse",
      title: say("warehouse"),
      render: (_, row) => <b data-raw>{row.warehouse}</b>,
    },
    ...counts<Due>(say),
    { key: "frozen", title: say("frozen"), render: (_, row) => <Frozen of={row} /> },
    {
      key: "make",
      title: "",
      render: (_, row) =>
        may && (
          <Button
            type="primary"
            size="small"
            loading={make.isPending}
            onClick={() => make.mutate({ body: { warehouse: row.warehouse, since, by: "" } })}
          >
            {say("make_list")}
          </Button>
        ),
    },
  ];
  return (
    <div className="house-list">
      <section className="panel">
        <h2>{say("due")}</h2>
        <p className="quiet">{say("due_help")}</p>
        <div className="filters">
          <Segmented
            aria-label={say("cut_off_within")}
            value={days}
            options={DAYS.map((one) => ({ value: one, label: say("days", { count: one }) }))}
            onChange={setDays}
          />
        </div>
        <Problem error={make.error} />
        {make.data && <Made pick={make.data} />}
        <Shown query={due} rows={2}>
          {(found) =>
            found.due.length === 0 ? (
              <Nothing what={say("none_due")} />
            ) : (
              <Table<Due>
                aria-label={say("due")}
                size="small"
                pagination={false}
                scroll={{ x: "max-content" }}
                columns={columns}
                dataSource={found.due}
                rowKey="warehouse"
              />
            )
          }
        </Shown>
      </section>
      <section className="panel">
        <h2>{say("lists")}</h2>
        <p className="quiet">{say("lists_help")}</p>
        <Shown query={picks} rows={3}>
          {(found) =>
            found.picks.length === 0 ? (
              <Nothing what={say("no_lists")} />
            ) : (
              <Lists picks={found.picks} may={may} />
            )
          }
        </Shown>
      </section>
    </div>
  );
}

function Lists({ picks, may }: { picks: Picked[]; may: boolean }) {
  const say = useWarehouses();
  const columns: TableProps<Picked>["columns"] = [
    { key: "made", title: say("made"), render: (_, row) => <When at={row.made_at} /> },
    { key: "warehouse", title: say("warehouse"), dataIndex: "warehouse" },
    ...counts<Picked>(say),
    { key: "frozen", title: say("frozen"), render: (_, row) => <Frozen of={row} /> },
    { key: "by", title: say("by"), dataIndex: "made_by" },
    { key: "file", title: "", render: (_, row) => may && <Files pick={row} /> },
  ];
  return (
    <Table<Picked>
      aria-label={say("lists")}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns}
      dataSource={picks}
      rowKey="id"
    />
  );
}

function counts<Row extends { gifts: number; cards: number }>(
  say: ReturnType<typeof useWarehouses>,
): NonNullable<TableProps<Row>["columns"]> {
  return (["gifts", "cards"] as const).map((name) => ({
    key: name,
    title: say(name),
    className: "money",
    align: "right",
    render: (_, row) => <Count of={row[name]} />,
  }));
}

function Frozen({ of }: { of: { frozen_from: string | null; frozen_until: string | null } }) {
  if (!of.frozen_from) return <span className="quiet">—</span>;
  if (of.frozen_from === of.frozen_until) return <Exact at={of.frozen_from} />;
  return (
    <>
      <Exact at={of.frozen_from} /> – <Exact at={of.frozen_until} />
    </>
  );
}

function Files({ pick }: { pick: Picked }) {
  const say = useWarehouses();
  const of = (form: "csv" | "xlsx") => `/api/v1/picks/${pick.id}/file?form=${form}`;
  return (
    <Flex gap={8}>
      <Button size="small" href={of("xlsx")} download aria-label={say("as_excel")}>
        Excel
      </Button>
      <Button size="small" href={of("csv")} download aria-label={say("as_csv")}>
        CSV
      </Button>
    </Flex>
  );
}

function Made({ pick }: { pick: Picked }) {
  const say = useWarehouses();
  return (
    <Flex gap={12} align="center" wrap role="status" style={{ marginBottom: 12 }}>
      <span className="tone-ours">
        {say("made_list", { warehouse: pick.warehouse, gifts: pick.gifts, cards: pick.cards })}
      </span>
      <Files pick={pick} />
    </Flex>
  );
}

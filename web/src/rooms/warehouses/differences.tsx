import { Button, Drawer, Segmented, Table, type TableProps } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { opens } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { useNames } from "@/ui/names";
import { Nothing, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useWarehouses } from "./words";

type Line = components["schemas"]["Instruction"];
type Parcel = components["schemas"]["ParcelRow"];
type Ways = ("other_kind" | "other_item" | "stray")[];
interface Behind {
  line: Line;
  ways: Ways;
}

const DAYS = ["1", "7", "30"] as const;
const WAYS: Ways = ["other_kind", "other_item", "stray"];

/** What packers were told and packed otherwise, by day and instruction; each number opens its parcels. */
export function Differences() {
  const say = useWarehouses();
  const code = useCode();
  const [filters, set] = useFilters(["days", "all"]);
  const days = DAYS.find((one) => one === filters.days) ?? "7";
  const now = useNow();
  const [until] = useState(now);
  const since = new Date(until.getTime() - Number(days) * 86_400_000).toISOString();
  const query = api.useQuery("get", "/api/v1/parcels/differences", {
    params: { query: { since, until: until.toISOString() } },
  });
  const [behind, setBehind] = useState<Behind | null>(null);
  const number = (line: Line, many: number, ways: Ways, tone = "") =>
    many === 0 ? (
      <span className="quiet">0</span>
    ) : (
      <Button
        type="link"
        className={`figure-button ${tone}`}
        aria-label={say("open_parcels", { count: many })}
        onClick={() => setBehind({ line, ways })}
      >
        <Count of={many} />
      </Button>
    );
  const columns: TableProps<Line>["columns"] = [
    { key: "day", title: say("day"), className: "number", dataIndex: "day" },
    {
      key: "warehouse",
      title: say("warehouse"),
      render: (_, row) => row.warehouse || <span className="quiet">{say("nobody_said")}</span>,
    },
    { key: "told", title: say("instruction"), render: (_, row) => <Told of={row} /> },
    {
      key: "packed",
      title: say("packed"),
      className: "money",
      align: "right",
      render: (_, row) => number(row, row.packed, []),
    },
    ...WAYS.map((way) => ({
      key: way,
      title: code("parcel_mismatch", way),
      className: "money",
      align: "right" as const,
      render: (_: unknown, row: Line) => number(row, row[way], [way], "tone-harm"),
    })),
  ];
  return (
    <section className="panel">
      <div className="filters">
        <Segmented
          aria-label={say("period")}
          value={days}
          options={DAYS.map((one) => ({ value: one, label: say("days", { count: Number(one) }) }))}
          onChange={(chosen) => set({ days: chosen })}
        />
        <Segmented
          aria-label={say("which_lines")}
          value={filters.all ? "all" : "wrong"}
          options={[
            { value: "wrong", label: say("only_wrong") },
            { value: "all", label: say("all_lines") },
          ]}
          onChange={(chosen) => set({ all: chosen === "all" ? "1" : "" })}
        />
      </div>
      <Shown query={query} rows={5}>
        {(found) => {
          const wrong = found.differences.filter((line) => WAYS.some((way) => line[way] > 0));
          const rows = filters.all ? found.differences : wrong;
          const all = found.differences.reduce((sum, line) => sum + line.packed, 0);
          const off = wrong.reduce(
            (sum, line) => sum + WAYS.reduce((part, way) => part + line[way], 0),
            0,
          );
          return (
            <>
              <p className={off > 0 ? "tone-harm" : "quiet"}>
                {say("differ", { count: off, packed: all })}
              </p>
              {rows.length === 0 ? (
                <Nothing what={say(all > 0 ? "none_differ" : "none_packed")} />
              ) : (
                <Table<Line>
                  aria-label={say("differences")}
                  size="small"
                  pagination={false}
                  scroll={{ x: "max-content" }}
                  columns={columns}
                  dataSource={[...rows].reverse()}
                  rowKey={(row) => `${row.day} ${row.warehouse} ${row.content} ${row.item}`}
                />
              )}
            </>
          );
        }}
      </Shown>
      {behind && (
        <Parcels
          behind={behind}
          since={since}
          until={until.toISOString()}
          close={() => setBehind(null)}
        />
      )}
    </section>
  );
}

function Told({ of }: { of: Line }) {
  const code = useCode();
  return (
    <>
      {code("parcel_content", of.content)} {of.item && <code>{of.item}</code>}
    </>
  );
}

/** The parcels that a number counts: of that day, within the period. */
function Parcels(props: { behind: Behind; since: string; until: string; close: () => void }) {
  const { behind, since, until, close } = props;
  const { line, ways } = behind;
  const say = useWarehouses();
  const code = useCode();
  const names = useNames();
  const [begin, end] = [opens(line.day), opens(line.day, 1)];
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/parcels/list",
    {
      params: {
        query: {
          stage: "packed",
          warehouse: line.warehouse,
          decided: line.content,
          item: line.item,
          since: Date.parse(begin) > Date.parse(since) ? begin : since,
          until: Date.parse(end) < Date.parse(until) ? end : until,
          ...(ways.length > 0 && { mismatch: ways }),
          limit: 50,
        },
      },
    },
    byCursor,
  );
  const carried = (row: Parcel) =>
    [row.packed_gift, row.packed_card].filter(Boolean).join(" + ") || say("empty");
  return (
    <Drawer
      open
      size="large"
      title={`${line.day} · ${code("parcel_content", line.content)} ${line.item}`}
      onClose={close}
    >
      <Keyset
        query={query}
        rows={(page) => page.parcels.filter((one) => one.warehouse === line.warehouse)}
        rowKey={(row) => row.parcel_no}
        label={say("parcels")}
        empty={<Nothing what={say("no_parcels")} />}
        columns={[
          {
            key: "parcel",
            title: say("parcel"),
            render: (_, row: Parcel) => (
              <Link to={`/customers/parcels?number=${encodeURIComponent(row.parcel_no)}`} data-raw>
                {row.parcel_no}
              </Link>
            ),
          },
          { key: "shop", title: say("shop"), render: (_, row) => names.shop(row.shop) },
          {
            key: "carried",
            title: say("carried"),
            render: (_, row) => (
              <span className={row.mismatch ? "tone-harm" : ""}>
                <span data-raw>{carried(row)}</span>
                {row.mismatch && ` · ${code("parcel_mismatch", row.mismatch)}`}
              </span>
            ),
          },
          {
            key: "packed",
            title: say("packed_at"),
            render: (_, row) => <When at={row.packed_at} />,
          },
        ]}
      />
    </Drawer>
  );
}

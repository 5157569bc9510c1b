import { Descriptions, Drawer, Flex, Segmented, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { SchemaNode, SchemaWalker } from "@/api/schema";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { Reason, When } from "@/ui/value";
import { story, type Tongue, useTongue, value } from "./said";

export const SHOWS = ["now", "passed", "sent", "withheld", "ended", "parked"] as const;
export type Show = (typeof SHOWS)[number];

/** Who is at a step, why, and until when. */
export function People(props: {
  code: string;
  version: number;
  days: number;
  node: SchemaNode;
  show: Show;
  set: (show: Show) => void;
  close: () => void;
}) {
  const { code, version, days, node, show, set, close } = props;
  const tongue = useTongue();
  const { say, many } = tongue;
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/journeys/{code}/nodes/{node}/visits",
    { params: { path: { code, node: node.id }, query: { show, version, days, limit: 50 } } },
    byCursor,
  );
  return (
    <Drawer
      open
      onClose={close}
      size={1000}
      title={
        <>
          {tongue.in(node.title)} <code>{node.id}</code>
        </>
      }
    >
      <Flex vertical gap={16}>
        <Descriptions
          size="small"
          column={2}
          items={node.says.map((one) => ({
            key: one.name,
            label: tongue.in(one.title),
            children: <Said one={one} tongue={tongue} />,
          }))}
        />
        {node.elsewhere > 0 && (
          <span className="tone-waits">{say("elsewhere", { count: many(node.elsewhere) })}</span>
        )}
        <Segmented<Show>
          aria-label={say("title")}
          value={show}
          onChange={set}
          options={SHOWS.map((one) => ({ value: one, label: `${say(one)} ${many(node[one])}` }))}
        />
        <Keyset
          query={query}
          rows={(page) => page.people}
          columns={columns(tongue, show)}
          rowKey={(row) => row.visit}
          label={say(show)}
          empty={<Nothing what={say(show === "now" ? "nobody_now" : "nobody_else")} />}
        />
      </Flex>
    </Drawer>
  );
}

function Said({ one, tongue }: { one: SchemaNode["says"][number]; tongue: Tongue }) {
  const said = value(one, tongue);
  return one.kind === "code" && said === one.value ? <code>{said}</code> : <span>{said}</span>;
}

export function columns(tongue: Tongue, show: Show): TableProps<SchemaWalker>["columns"] {
  const { say, code } = tongue;
  const extra: NonNullable<TableProps<SchemaWalker>["columns"]> = [];
  if (show === "withheld")
    extra.push({
      title: say("reason"),
      render: (_, row) => <Reason code={row.reason} />,
    });
  if (show === "parked")
    extra.push({
      title: say("error"),
      render: (_, row) => <code className="tone-harm journey-cell">{row.error}</code>,
    });
  return [
    {
      title: say("person"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`}>
          {row.name_masked || say("unnamed")}
          {row.held_out && <span className="quiet"> · {say("held_out")}</span>}
        </Link>
      ),
    },
    { title: say("about"), render: (_, row) => <code>{row.key}</code> },
    ...extra,
    ...(show === "now" || show === "parked"
      ? []
      : [
          {
            title: say("step"),
            render: (_: unknown, row: SchemaWalker) => <code>{row.step}</code>,
          },
        ]),
    { title: say("since"), render: (_, row) => <When at={row.since} /> },
    {
      title: say("until"),
      render: (_, row) =>
        row.until ? <When at={row.until} /> : <span className="quiet">{say("no_end")}</span>,
    },
    {
      title: say("why"),
      render: (_, row) => <span className="journey-cell">{story(row, tongue)}</span>,
    },
    {
      title: say("waits_for"),
      render: (_, row) => (
        <span className="journey-cell journey-narrow quiet">
          {row.waiting_for.map((one) => code("event", one)).join(" · ") || "—"}
        </span>
      ),
    },
  ];
}

import { Button, Flex, Table, type TableProps, Tag } from "antd";
import { Link, useNavigate } from "react-router";
import { api } from "@/api/client";
import type { SchemaJourney } from "@/api/schema";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import "./journeys.css";
import { ending } from "@/ui/ending";
import { useBoard } from "./board.words";
import { type Tongue, useTongue } from "./said";

/** Which journeys there are, and what each does now. */
export function Component() {
  const tongue = useTongue();
  const { say } = tongue;
  const board = useBoard();
  const go = useNavigate();
  const may = useMay();
  const query = api.useQuery("get", "/api/v1/journeys", {}, { refetchInterval: 30_000 });
  return (
    <Page
      title={say("title")}
      under={say("list_under")}
      primary={
        may("journeys.publish") && (
          <Button type="primary" onClick={() => go("/journeys/_new")}>
            {board("new")}
          </Button>
        )
      }
    >
      <Shown query={query}>
        {({ journeys }) =>
          journeys.length === 0 ? (
            <Nothing what={say("none")} />
          ) : (
            <Table<SchemaJourney>
              aria-label={say("title")}
              size="small"
              rowKey="code"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={journeys}
              columns={columns(tongue)}
            />
          )
        }
      </Shown>
    </Page>
  );
}

function columns(tongue: Tongue): TableProps<SchemaJourney>["columns"] {
  const { say, many } = tongue;
  const figure = (
    title: string,
    of: (row: SchemaJourney) => number,
    tone?: string,
    to?: (row: SchemaJourney) => string,
  ) => ({
    title,
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: SchemaJourney) => {
      const value = of(row);
      const shown = (
        <span className={value && tone ? tone : value ? "" : "quiet"}>{many(value)}</span>
      );
      return value && to ? <Link to={to(row)}>{shown}</Link> : shown;
    },
  });
  return [
    {
      title: say("name"),
      render: (_, row) => (
        <Link to={`/journeys/${row.code}`} className="journey-name">
          <strong>{tongue.in(row.title) || row.code}</strong>
          <code className="quiet">{row.code}</code>
        </Link>
      ),
    },
    { title: say("state"), render: (_, row) => <States row={row} tongue={tongue} /> },
    figure(
      say("under_way"),
      (row) => row.under_way,
      "",
      (row) => `/journeys/${row.code}`,
    ),
    figure(say("entered_today"), (row) => row.entered_today, "tone-ours"),
    figure(say("entered_week"), (row) => row.entered_week),
    figure(
      say("withheld_today"),
      (row) => row.withheld_today,
      "tone-waits",
      (row) => `/journeys/${row.code}`,
    ),
    figure(
      say("parked"),
      (row) => row.parked,
      "tone-harm",
      (row) => `/journeys/${row.code}?tab=parked`,
    ),
    {
      title: say("outcomes"),
      render: (_, row) => <Outcomes row={row} tongue={tongue} />,
    },
    {
      title: say("published_at"),
      render: (_, row) =>
        row.version === null ? (
          "—"
        ) : (
          <>
            {say("version_n", { version: row.version })} · <When at={row.published_at} />
          </>
        ),
    },
  ];
}

export function States({
  row,
  tongue: { say, many },
}: {
  row: Pick<SchemaJourney, "version" | "paused" | "pilot" | "piloted" | "waiting">;
  tongue: Tongue;
}) {
  return (
    <Flex gap={4} wrap>
      {row.version === null ? (
        <Tag variant="filled" className="journey-tag tone-out">
          {say("stopped")}
        </Tag>
      ) : (
        !row.paused && (
          <Tag variant="filled" className="journey-tag tone-ours">
            {say("running")}
          </Tag>
        )
      )}
      {row.paused && (
        <Tag variant="filled" className="journey-tag tone-harm">
          {say("paused")}
        </Tag>
      )}
      {row.pilot !== null && (
        <Tag variant="filled" className="journey-tag tone-waits">
          {say("piloting", { in: many(row.piloted ?? 0), of: many(row.pilot) })}
        </Tag>
      )}
      {row.waiting !== null && (
        <Tag variant="filled" className="journey-tag tone-waits">
          {say("waiting", { version: row.waiting })}
        </Tag>
      )}
    </Flex>
  );
}

function Outcomes({ row, tongue }: { row: SchemaJourney; tongue: Tongue }) {
  const { say, code, language, many } = tongue;
  if (row.outcomes.length === 0) return <span className="quiet">—</span>;
  const told = [...row.outcomes].sort((one, other) => other.visits - one.visits);
  return (
    <span className="journey-outcomes number">
      {told.map((one) => (
        <span key={`${one.outcome} ${one.held_out}`} className={one.held_out ? "quiet" : ""}>
          {ending(one.outcome, code, language)}
          {one.held_out ? ` (${say("held_out")})` : ""} {many(one.visits)}
        </span>
      ))}
    </span>
  );
}

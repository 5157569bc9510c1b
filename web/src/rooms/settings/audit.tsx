import { Button, DatePicker, Flex, Input, type TableProps } from "antd";
import dayjs from "dayjs";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useFilters } from "@/ui/filters";
import { opens } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing } from "@/ui/states";
import { Exact } from "@/ui/value";
import { useAction } from "./actions.words";
import { useSettings } from "./words";
import "./settings.css";

type Line = components["schemas"]["AuditLine"];
const NAMES = ["actor", "action", "object", "since", "until"] as const;
type Filters = Record<(typeof NAMES)[number], string>;

/** Who did what to what, and why: the latest first. */
export function Component() {
  const say = useSettings();
  const [filters, set] = useFilters(NAMES);
  const { since, until, ...plain } = filters;
  const filtered = NAMES.some((name) => filters[name]);
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/audit/latest",
    {
      params: {
        query: {
          ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value)),
          ...(since && { since: opens(since) }),
          ...(until && { until: opens(until, 1) }),
          limit: 50,
        },
      },
    },
    byCursor,
  );
  return (
    <Page title={say("audit")} under={say("audit_under")}>
      <Search filters={filters} set={set} filtered={filtered} />
      <Keyset
        query={query}
        rows={(page) => page.lines}
        columns={useColumns(set)}
        rowKey={(row) => `${row.at} ${row.actor} ${row.action} ${row.object} ${row.reason}`}
        label={say("audit")}
        empty={<Nothing what={say(filtered ? "audit_none" : "audit_nothing")} />}
      />
    </Page>
  );
}

const day = (said: string) => (said && dayjs(said).isValid() ? dayjs(said) : null);

function Search(props: {
  filters: Filters;
  set: (change: Partial<Filters>) => void;
  filtered: boolean;
}) {
  const { filters, set, filtered } = props;
  const say = useSettings();
  const field = (name: "actor" | "action" | "object") => (
    <Input.Search
      key={`${name} ${filters[name]}`}
      className="narrow"
      allowClear
      defaultValue={filters[name]}
      placeholder={say(name)}
      aria-label={say(name)}
      onSearch={(value) => set({ [name]: value.trim() })}
    />
  );
  return (
    <Flex wrap gap={8} align="center" className="filters">
      {field("actor")}
      {field("action")}
      {field("object")}
      <DatePicker.RangePicker
        aria-label={say("period_of")}
        allowEmpty
        placeholder={[say("since"), say("until")]}
        value={[day(filters.since), day(filters.until)]}
        onChange={(_, [since, until]) => set({ since, until })}
      />
      {filtered && (
        <Button onClick={() => set(Object.fromEntries(NAMES.map((name) => [name, ""])))}>
          {say("clear")}
        </Button>
      )}
    </Flex>
  );
}

/** Pressing a name narrows the log to it. */
function useColumns(set: (change: Partial<Filters>) => void): TableProps<Line>["columns"] {
  const say = useSettings();
  const action = useAction();
  const narrow = (name: "actor" | "action" | "object", value: string, shown: string) => (
    <button type="button" className="link" data-raw onClick={() => set({ [name]: value })}>
      {shown}
    </button>
  );
  return [
    { key: "at", title: say("at"), render: (_, row) => <Exact at={row.at} /> },
    {
      key: "actor",
      title: say("actor"),
      render: (_, row) => narrow("actor", row.actor, row.actor),
    },
    {
      key: "action",
      title: say("action"),
      render: (_, row) => narrow("action", row.action, action(row.action)),
    },
    {
      key: "object",
      title: say("object"),
      render: (_, row) => <div className="object">{narrow("object", row.object, row.object)}</div>,
    },
    {
      key: "reason",
      title: say("details"),
      render: (_, row) => <span data-raw>{row.reason}</span>,
    },
  ];
}

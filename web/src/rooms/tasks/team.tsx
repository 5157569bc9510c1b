import { Alert, Button, Checkbox, Flex, Progress, Select, Table, Tag } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { SchemaColleague, SchemaTask } from "@/api/schema";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { ago } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Code, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { ToCustomer } from "./parts";
import { Payments } from "./payments";
import { HandOver, Reassign } from "./reassign";
import "./tasks.css";
import { useTasks } from "./words";

const PAGE = 50;
const NAMES = ["store", "staff", "kind", "state", "overdue", "unassigned"] as const;

/** The team: who has how much, what is late, and what goes to somebody else. */
export function Component() {
  const say = useTasks();
  return (
    <Page title={say("team")}>
      <Flex vertical gap={16}>
        <Waiting />
        <Team />
        <Tasks />
        <Payments />
      </Flex>
    </Page>
  );
}

/** Work that nobody has got; for those who see the whole brand. */
function Waiting() {
  const say = useTasks();
  const code = useCode();
  const now = useNow();
  const [language] = useLanguage();
  const { data: here } = useSession();
  const all = here?.scope.kind === "head_office";
  const { data } = api.useQuery("get", "/api/v1/tasks/waiting", {}, { enabled: all });
  if (!data?.waiting.length) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={data.waiting.map((one) => (
        <div key={`${one.kind} ${one.reason}`}>
          {say("waiting", {
            count: one.count,
            kind: code("task_kind", one.kind),
            reason: code("reason", one.reason),
            at: ago(one.next_at, now, language),
          })}
        </div>
      ))}
    />
  );
}

function useTeam() {
  const [{ store }] = useFilters(["store"]);
  return api.useQuery(
    "get",
    "/api/v1/tasks/team",
    { params: { query: { store, limit: 1000 } } },
    { refetchInterval: 30_000 },
  );
}

function Team() {
  const say = useTasks();
  const team = useTeam();
  const [, set] = useFilters(NAMES);
  const only = (staff: string, overdue = "") => set({ staff, overdue, unassigned: "", state: "" });
  return (
    <Shown query={team}>
      {({ team: people }) => (
        <Table<SchemaColleague>
          aria-label={say("team")}
          size="small"
          rowKey="code"
          dataSource={[...people].sort(worstFirst)}
          pagination={people.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: say("no_team") }}
          columns={[
            {
              title: say("guide"),
              render: (_, one) => (
                <>
                  {one.name} {one.name !== one.code && <span className="quiet">{one.code}</span>}
                </>
              ),
            },
            { title: say("store"), render: (_, one) => one.store_name || "—" },
            {
              title: say("state"),
              render: (_, one) => (
                <Tag
                  variant="filled"
                  color={one.at_work ? "cyan" : "default"}
                  className={one.at_work ? "tone-ours" : "tone-out"}
                >
                  {say(one.at_work ? "at_work" : "off")}
                </Tag>
              ),
            },
            { title: say("capacity"), render: (_, one) => <Capacity one={one} /> },
            {
              title: say("open"),
              align: "right",
              render: (_, one) => (
                <Counted
                  of={one.open}
                  name={one.name}
                  what={say("open")}
                  go={() => only(one.code)}
                />
              ),
            },
            {
              title: say("late"),
              align: "right",
              render: (_, one) => (
                <Counted
                  of={one.overdue}
                  name={one.name}
                  what={say("late")}
                  go={() => only(one.code, "1")}
                  late
                />
              ),
            },
            {
              title: say("escalated"),
              align: "right",
              render: (_, one) => <span className="number">{one.escalated}</span>,
            },
            {
              title: say("done_today"),
              align: "right",
              render: (_, one) => <span className="number">{one.done}</span>,
            },
          ]}
        />
      )}
    </Shown>
  );
}

function worstFirst(one: SchemaColleague, other: SchemaColleague): number {
  return other.overdue - one.overdue || other.open - one.open || (one.code < other.code ? -1 : 1);
}

/** A number opens the list that it counts. */
function Counted(props: {
  of: number;
  name: string;
  what: string;
  go: () => void;
  late?: boolean;
}) {
  const { of, name, what, go, late = false } = props;
  if (of === 0) return <span className="number quiet">0</span>;
  return (
    <Button
      type="link"
      size="small"
      className={late ? "tasks-count number tone-waits" : "tasks-count number"}
      aria-label={`${name} ${what} ${of}`}
      onClick={go}
    >
      {of}
    </Button>
  );
}

function Capacity({ one }: { one: SchemaColleague }) {
  const say = useTasks();
  const used = Object.values(one.today).reduce((sum, count) => sum + count, 0);
  if (one.left === null) return <span className="quiet">{say("no_limit")}</span>;
  const most = used + one.left;
  const said = say("of_most", { used, most });
  return (
    <span className="tasks-bar">
      <Progress
        aria-label={`${one.name} ${said}`}
        percent={most ? Math.round((used / most) * 100) : 100}
        status={one.left === 0 ? "exception" : "normal"}
        size="small"
        showInfo={false}
      />
      <span className="number">{said}</span>
    </span>
  );
}

function Tasks() {
  const say = useTasks();
  const [filters, set] = useFilters(NAMES);
  const [chosen, choose] = useState<readonly string[]>([]);
  const open = filters.state === "" || filters.state === "open";
  const state = (filters.state || "open") as SchemaTask["state"] & ("open" | "done" | "cancelled");
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/tasks",
    {
      params: {
        query: {
          state,
          store: filters.store,
          staff: filters.staff || undefined,
          kind: filters.kind || undefined,
          overdue: open && filters.overdue === "1",
          unassigned: open && filters.unassigned === "1",
          limit: PAGE,
        },
      },
    },
    { ...byCursor, getNextPageParam: (last) => (last.tasks.length < PAGE ? undefined : last.next) },
  );
  return (
    <section aria-label={say("tasks")} className="tasks-list">
      <Flex justify="space-between" align="center" gap={12} wrap className="tasks-filters">
        <Filters filters={filters} set={set} />
        <Flex gap={8} align="center">
          {chosen.length > 0 && (
            <span className="number">{say("selected", { count: chosen.length })}</span>
          )}
          {filters.staff && open && <HandOver staff={filters.staff} />}
          <Reassign tasks={chosen} onDone={() => choose([])} />
        </Flex>
      </Flex>
      <Keyset
        query={query}
        rows={(page) => page.tasks}
        rowKey={(one) => one.id}
        label={say("tasks")}
        empty={<Nothing what={say("none")} />}
        table={{
          // its measuring row would repeat the checkbox of the head, unseen and yet in the way
          scroll: undefined,
          rowSelection: open
            ? {
                selectedRowKeys: [...chosen],
                onChange: (keys) => choose(keys.map(String).slice(0, 200)),
                getCheckboxProps: (one) => ({
                  "aria-label": `${say("selected", { count: 1 })} ${one.order_no}`,
                }),
              }
            : undefined,
        }}
        columns={[
          { title: say("due"), render: (_, one) => <Due task={one} /> },
          {
            title: say("task"),
            render: (_, one) => <Code set="task_kind" code={one.kind} />,
          },
          {
            title: say("who"),
            render: (_, one) => <ToCustomer customer={one.customer} name={one.name_masked} />,
          },
          {
            title: say("order"),
            render: (_, one) => <span data-raw>{one.order_no}</span>,
          },
          { title: say("guide"), render: (_, one) => <span data-raw>{one.staff}</span> },
          { title: say("state"), render: (_, one) => <Standing task={one} /> },
        ]}
      />
    </section>
  );
}

function Due({ task }: { task: SchemaTask }) {
  const now = useNow();
  const late = task.state === "open" && new Date(task.due_at) <= now;
  return (
    <span className={late ? "tone-waits" : undefined}>
      <When at={task.due_at} />
    </span>
  );
}

/** Holds are of real time, not of the clock that a sandbox may have set. */
function held(task: SchemaTask): boolean {
  return task.held_until !== null && new Date(task.held_until).getTime() > Date.now();
}

function Standing({ task }: { task: SchemaTask }) {
  const say = useTasks();
  const code = useCode();
  if (task.outcome) return <span>{code("outcome", task.outcome)}</span>;
  const said = [
    held(task) && say("held_by", { who: task.held_by }),
    task.escalated_to && say("told_to", { who: task.escalated_to }),
    task.tries > 0 && say("tries", { count: task.tries }),
  ].filter(Boolean);
  return <span>{said.length ? said.join(" · ") : code("task", task.state)}</span>;
}

type Set = (change: Partial<Record<(typeof NAMES)[number], string>>) => void;

function Filters(props: { filters: Record<(typeof NAMES)[number], string>; set: Set }) {
  const { filters, set } = props;
  const say = useTasks();
  const code = useCode();
  const team = useTeam();
  const open = filters.state === "" || filters.state === "open";
  const people = (team.data?.team ?? []).map((one) => ({ value: one.code, label: one.name }));
  return (
    <Flex gap={8} align="center" wrap>
      <Select
        aria-label={say("state")}
        value={filters.state || "open"}
        onChange={(state) => set({ state: state === "open" ? "" : state })}
        options={(["open", "done", "cancelled"] as const).map((one) => ({
          value: one,
          label: code("task", one),
        }))}
      />
      <Select
        aria-label={say("guide")}
        className="tasks-whose"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        placeholder={say("all_staff")}
        value={filters.staff || undefined}
        onChange={(staff) => set({ staff: staff ?? "" })}
        options={people}
      />
      <Select
        aria-label={say("task")}
        allowClear
        placeholder={say("all_kinds")}
        value={filters.kind || undefined}
        onChange={(kind) => set({ kind: kind ?? "" })}
        options={(["call", "friend_request"] as const).map((one) => ({
          value: one,
          label: code("task_kind", one),
        }))}
      />
      {open && (
        <>
          <Checkbox
            checked={filters.overdue === "1"}
            onChange={(event) => set({ overdue: event.target.checked ? "1" : "" })}
          >
            {say("only_overdue")}
          </Checkbox>
          <Checkbox
            checked={filters.unassigned === "1"}
            onChange={(event) => set({ unassigned: event.target.checked ? "1" : "" })}
          >
            {say("only_unassigned")}
          </Checkbox>
        </>
      )}
    </Flex>
  );
}

import { App, Button, Flex, Popconfirm, Segmented, type TableProps } from "antd";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Notice, Problem, Shown } from "@/ui/states";
import { Count, Reason, useReason, When } from "@/ui/value";
import { ByHand } from "./hand";
import { usePresses } from "./presses.words";
import "./tasks.css";

type Presses = components["schemas"]["Presses"];
type Waiting = components["schemas"]["WaitingPress"];
type Lost = components["schemas"]["NotSentRow"];

const AGAIN = { refetchInterval: 60_000 };

/** Who has not pressed send: mass messages and Moments that only staff can let out. */
export function Component() {
  const say = usePresses();
  const may = useMay();
  const { data: here } = useSession();
  const query = api.useQuery("get", "/api/v1/presses", {}, AGAIN);
  const whole = here?.scope.kind === "head_office";
  return (
    <Page title={say("title")} under={say(may("tasks.manage") ? "under" : "under_own")}>
      <Shown query={query}>
        {(found) =>
          found.connected ? (
            <Flex vertical gap={16}>
              <Budget of={found} />
              <section className="panel" aria-label={say("masses")}>
                <h2>{say("masses")}</h2>
                <Masses rows={found.waiting} />
              </section>
              <ByHand />
              <Ahead />
              <Moments of={found} />
              {whole && <NotSent of={found} />}
            </Flex>
          ) : (
            <Flex vertical gap={16}>
              <Notice title={say("title")} why={say("not_connected")}>
                {may("settings.read") && (
                  <Link to="/settings/connections">
                    <Button>{say("connect")}</Button>
                  </Link>
                )}
              </Notice>
              <ByHand />
            </Flex>
          )
        }
      </Shown>
    </Page>
  );
}

/** A guide's own, above the to-do list; nothing where nothing waits. */
export function Mine() {
  const say = usePresses();
  const query = api.useQuery("get", "/api/v1/presses", {}, AGAIN);
  const found = query.data;
  if (!found || found.waiting.length + found.moments.length === 0) return null;
  return (
    <section aria-label={say("mine")} className="panel">
      <h2 className="tone-waits">
        {say("mine")} <span className="number">{found.waiting.length + found.moments.length}</span>
      </h2>
      <p className="quiet">{say("under_own")}</p>
      <Budget of={found} />
      <Flex vertical gap={12}>
        {found.waiting.map((one) => (
          <Card key={one.id} of={one} />
        ))}
        {found.moments.map((one) => (
          <div key={one.id} className="tasks-press">
            <div className="tasks-press-text">{one.text || say("no_text")}</div>
            <div className="quiet small">
              {say("moments")} · <When at={one.since} />
            </div>
          </div>
        ))}
      </Flex>
    </section>
  );
}

function Budget({ of }: { of: Presses }) {
  const say = usePresses();
  if (of.budgets.length === 0) return null;
  return (
    <div>
      <span className="quiet">{say("budget")} </span>
      {of.budgets.map((one) => (
        <span key={one.staff} className={one.used >= one.most ? "tone-waits" : undefined}>
          {say("budget_left", {
            name: one.staff_name,
            used: String(one.used),
            most: String(one.most),
          })}{" "}
        </span>
      ))}
    </div>
  );
}

/** What was put off for want of presses, by guide and day; nothing where nothing was. */
function Ahead() {
  const say = usePresses();
  const query = api.useQuery("get", "/api/v1/presses/budget", {}, AGAIN);
  const busy = query.data?.guides.filter((one) => one.days.length > 0) ?? [];
  if (busy.length === 0) return null;
  return (
    <section className="panel" aria-label={say("ahead")}>
      <h2>{say("ahead")}</h2>
      <p className="quiet">{say("ahead_why")}</p>
      {busy.map((one) => (
        <div key={one.staff}>
          <strong data-raw>{one.staff_name}</strong>{" "}
          <span className="quiet">
            {one.days
              .map(({ day, presses, touches }) =>
                say("ahead_day", { day, presses: String(presses), touches: String(touches) }),
              )
              .join(" · ")}
          </span>
        </div>
      ))}
    </section>
  );
}

/** One below the other: it has to fit a phone, and a text wants its room. */
function Masses({ rows }: { rows: Waiting[] }) {
  const say = usePresses();
  if (rows.length === 0) return <Nothing what={say("none")} />;
  return (
    <Flex vertical gap={12}>
      {rows.map((one) => (
        <Card key={one.id} of={one} staff />
      ))}
    </Flex>
  );
}

function Card({ of, staff = false }: { of: Waiting; staff?: boolean }) {
  const say = usePresses();
  const may = useMay()("tasks.manage");
  return (
    <article className="tasks-press">
      <div className="tasks-press-text">{of.text || say("no_text")}</div>
      <Flex gap={12} wrap align="baseline" className="small">
        {staff && (
          <strong>{of.staff ? <span data-raw>{of.staff_name}</span> : say("carrier_chose")}</strong>
        )}
        <span className="tone-waits">
          {of.groups
            ? say("groups_wait", { count: of.groups })
            : say("customers_wait", { count: of.customers })}
        </span>
        <span className="quiet">
          {say("since")} <When at={of.since} />
        </span>
        {of.ends_at && (
          <span className="quiet">
            {say("ends")} <When at={of.ends_at} />
          </span>
        )}
        <span className="quiet">
          {of.reminded.length ? (
            <>
              {say("reminded", { count: of.reminded.length })} (
              <When at={of.reminded[of.reminded.length - 1]} />)
            </>
          ) : (
            say("never")
          )}
        </span>
        {staff && may && <Remind of={of} />}
      </Flex>
    </article>
  );
}

function Remind({ of }: { of: Waiting }) {
  const say = usePresses();
  const { message } = App.useApp();
  const act = useAct("post", "/api/v1/presses/{message}/remind", {
    onSuccess: () => void message.success(say("reminded_now")),
  });
  if (of.reminds_left === 0) return <span className="tone-waits">{say("remind_over")}</span>;
  return (
    <>
      <Popconfirm
        title={say("remind_sure", { count: of.reminds_left })}
        okText={say("remind")}
        cancelText={say("keep")}
        onConfirm={() => act.mutate({ params: { path: { message: of.id } }, body: { by: "" } })}
      >
        <Button size="small" loading={act.isPending}>
          {say("remind")}
        </Button>
      </Popconfirm>
      <Problem error={act.error} />
    </>
  );
}

function Moments({ of }: { of: Presses }) {
  const say = usePresses();
  const may = useMay()("moments.read");
  if (of.moments.length === 0) return null;
  return (
    <section className="panel" aria-label={say("moments")}>
      <h2>{say("moments")}</h2>
      <p className="quiet">
        {say("moments_why")} {may && <Link to="/journeys/moments">{say("moments_all")}</Link>}
      </p>
      <Flex vertical gap={12}>
        {of.moments.map((one) => (
          <article key={one.id} className="tasks-press">
            <div className="tasks-press-text">{one.text || say("no_text")}</div>
            <div className="small">
              <strong data-raw>{one.staff_names.join("、")}</strong>{" "}
              <span className="quiet">
                {say("since")} <When at={one.since} />
              </span>
            </div>
          </article>
        ))}
      </Flex>
    </section>
  );
}

/** Who did not get one, and why. */
function NotSent({ of }: { of: Presses }) {
  const say = usePresses();
  const why = useReason();
  const [{ reason }, set] = useFilters(["reason"]);
  const all = of.not_sent.reduce((sum, one) => sum + one.touches, 0);
  return (
    <section className="panel" aria-label={say("lost")}>
      <h2>
        {say("lost")} <Count of={all} />
      </h2>
      {all === 0 ? (
        <Nothing what={say("lost_none")} />
      ) : (
        <Flex vertical gap={12}>
          <Segmented
            className="tasks-reasons"
            value={reason}
            onChange={(value) => set({ reason: String(value) })}
            options={[
              { value: "", label: `${say("all")} ${all}` },
              ...of.not_sent.map((one) => ({
                value: one.reason,
                label: `${why(one.reason)} ${one.touches}`,
              })),
            ]}
          />
          <Lines reason={reason} />
        </Flex>
      )}
    </section>
  );
}

function Lines({ reason }: { reason: string }) {
  const say = usePresses();
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/presses/not-sent",
    { params: { query: { reason } } },
    byCursor,
  );
  const columns: TableProps<Lost>["columns"] = [
    {
      key: "customer",
      title: say("customer"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`} data-raw>
          {row.name_masked || say("nameless")}
        </Link>
      ),
    },
    {
      key: "reason",
      title: say("reason"),
      render: (_, row) => <Reason code={row.reason} />,
    },
    { key: "at", title: say("at"), render: (_, row) => <When at={row.at} /> },
    { key: "material", title: say("material"), render: (_, row) => <code>{row.text}</code> },
  ];
  return (
    <Keyset
      query={query}
      rows={(page) => page.rows}
      columns={columns}
      rowKey={(row) => row.touch}
      label={say("lost")}
      empty={<Nothing what={say("lost_none")} />}
    />
  );
}

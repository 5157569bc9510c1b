import { Button, Flex, Input, Table, type TableProps } from "antd";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import { useMay, useSession } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { minute } from "@/ui/format";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { Code, Count } from "@/ui/value";
import { Colleagues } from "./colleagues";
import { Sees, State } from "./parts";
import { keys, type Line, type Person, tree } from "./tree";
import { useStaff } from "./words";
import "./staff.css";

const Open = lazy(() => import("./drawer"));

/** Everybody by place: what they are, what they see, whether they can sign in. */
export function Component() {
  const say = useStaff();
  const may = useMay();
  const { data: here } = useSession();
  const [{ q, who }, set] = useFilters(["q", "who"]);
  const [adding, setAdding] = useState(false);
  const whole = here?.scope.kind === "head_office";
  const staff = api.useQuery("get", "/api/v1/staff");
  const accounts = api.useQuery("get", "/api/v1/accounts", {}, { enabled: whole });
  const manages = whole && may("staff.manage");
  const known = accounts.data?.accounts ?? [];
  const close = () => {
    setAdding(false);
    set({ who: "" });
  };
  return (
    <Page
      title={say("title")}
      under={
        staff.data &&
        whole &&
        say("under", { people: staff.data.staff.length, accounts: known.length })
      }
      primary={
        manages && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {say("add")}
          </Button>
        )
      }
    >
      <Shown query={staff}>
        {(found) => {
          const wanted = q.trim().toLowerCase();
          const people = found.staff.filter((one) =>
            `${one.name} ${one.code}`.toLowerCase().includes(wanted),
          );
          const open = found.staff.find((one) => one.code === who);
          return (
            <Flex vertical gap={12}>
              <Input.Search
                allowClear
                aria-label={say("find")}
                placeholder={say("find")}
                defaultValue={q}
                onSearch={(text) => set({ q: text })}
                style={{ maxWidth: 280 }}
              />
              {manages && <Colleagues stores={found.stores} />}
              {people.length ? (
                <People
                  lines={tree(people, found.stores, known)}
                  whole={whole}
                  open={(code) => set({ who: code })}
                />
              ) : (
                <Nothing what={say("none")} />
              )}
              <Suspense fallback={<Soon />}>
                {(adding || open) && (
                  <Open
                    key={open?.code ?? ""}
                    person={open}
                    account={known.find((one) => one.code === who)}
                    stores={found.stores}
                    everybody={found.everybody}
                    manages={manages && who !== here?.code}
                    whole={whole}
                    close={close}
                  />
                )}
              </Suspense>
            </Flex>
          );
        }}
      </Shown>
    </Page>
  );
}

function People(props: { lines: Line[]; whole: boolean; open: (code: string) => void }) {
  const { lines, whole, open } = props;
  const say = useStaff();
  const columns: TableProps<Line>["columns"] = [
    {
      title: say("who"),
      key: "who",
      render: (_, line) =>
        line.person ? <Name person={line.person} open={open} /> : <Place line={line} />,
    },
    {
      title: say("role"),
      key: "role",
      render: (_, { person }) => person && <Code set="role" code={person.role} />,
    },
    {
      title: say("today"),
      key: "today",
      render: (_, { person }) => person && <Today of={person} />,
    },
  ];
  if (whole)
    columns.push(
      {
        title: say("sees"),
        key: "sees",
        render: (_, { account }) => account && <Sees of={account} />,
      },
      {
        title: say("account"),
        key: "account",
        render: (_, { person, account }) => person && <State of={account} />,
      },
      {
        title: say("seen"),
        key: "seen",
        render: (_, { account }) =>
          account?.seen_at && <span className="number">{minute(account.seen_at)}</span>,
      },
    );
  return (
    <Table<Line>
      aria-label={say("title")}
      size="small"
      columns={columns}
      dataSource={lines}
      rowKey="key"
      pagination={false}
      scroll={{ x: "max-content" }}
      defaultExpandedRowKeys={keys(lines)}
    />
  );
}

function Place({ line }: { line: Line }) {
  const say = useStaff();
  if (!line.place) return null;
  const { kind, name, people } = line.place;
  const called = kind === "head_office" ? say("head_office") : name || say("no_region");
  return (
    <>
      <span className="staff-place">{called}</span>
      <span className="staff-code">{say("people", { count: people })}</span>
    </>
  );
}

function Name({ person, open }: { person: Person; open: (code: string) => void }) {
  const say = useStaff();
  return (
    <>
      <Button
        type="link"
        className="staff-open"
        aria-label={say("edit", { name: person.name })}
        onClick={() => open(person.code)}
      >
        {person.name}
      </Button>
      <span className="staff-code" data-raw>
        {person.code}
      </span>
      {!person.active && <span className="staff-code tone-out">· {say("left")}</span>}
    </>
  );
}

function Today({ of }: { of: Person }) {
  const say = useStaff();
  if (of.at_work === null || !of.active) return <span className="tone-out">—</span>;
  return (
    <Flex gap={8} align="baseline">
      <Count of={of.open} />
      {of.overdue > 0 && (
        <span className="tone-waits">{say("overdue", { count: of.overdue })}</span>
      )}
      <span className={of.at_work ? "quiet" : "tone-out"}>
        {say(of.at_work ? "at_work" : "not_at_work")}
      </span>
    </Flex>
  );
}

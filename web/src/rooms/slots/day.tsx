import { Button, Flex, Modal, Popconfirm, Table, type TableProps, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useDone } from "@/ui/done";
import { exact } from "@/ui/format";
import { Nothing, Problem, Shown } from "@/ui/states";
import type { Tone } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { dayName, useWeek } from "./week";
import { useSlots } from "./words";

type Booked = components["schemas"]["BookedSlot"];
type State = "open" | "kept" | "missed" | "cancelled";
const TONES: Record<State, Tone> = {
  open: "plain",
  kept: "ours",
  missed: "harm",
  cancelled: "out",
};

interface Which {
  service: string;
  store: string;
  storeName: string;
  from: string;
  day: string;
}

/** Who is booked on a day, who came, and whether the store takes bookings then. */
export function Day(which: Which) {
  const say = useSlots();
  const [language] = useLanguage();
  const query = api.useQuery(
    "get",
    "/api/v1/slots/bookings",
    { params: { query: { store: which.store, day: which.day } } },
    { refetchInterval: 60_000 },
  );
  const title = say("bookings", { day: dayName(which.day, language) });
  return (
    <section className="panel" aria-label={title}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <h2>{title}</h2>
        <Holiday of={which} booked={query.data?.bookings ?? []} />
      </Flex>
      <Shown query={query}>
        {({ bookings }) =>
          bookings.length === 0 ? (
            <Nothing what={say("bookings_none")} />
          ) : (
            <List rows={bookings} label={title} />
          )
        }
      </Shown>
    </section>
  );
}

function List({ rows, label }: { rows: Booked[]; label: string }) {
  const say = useSlots();
  const columns: TableProps<Booked>["columns"] = [
    {
      key: "at",
      title: say("at"),
      render: (_, row) =>
        row.starts_at ? (
          <span className="number">{exact(row.starts_at).slice(11, 16)}</span>
        ) : (
          <>
            {say("collect")} <span className="number">{exact(row.ends_at).slice(11, 16)}</span>
          </>
        ),
    },
    {
      key: "customer",
      title: say("customer"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`}>
          <span data-raw>{row.name_masked || say("nameless")}</span>
        </Link>
      ),
    },
    { key: "offer", title: say("service"), render: (_, row) => <code>{row.offer}</code> },
    { key: "state", title: say("state"), render: (_, row) => <Standing of={row} /> },
    { key: "acts", title: "", render: (_, row) => <Marks of={row} /> },
  ];
  return (
    <Table<Booked>
      aria-label={label}
      size="small"
      rowKey="code"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

function Standing({ of }: { of: Booked }) {
  const say = useSlots();
  const state = of.state as State;
  return <Tag className={`tone-${TONES[state]}`}>{say(`state_${state}`)}</Tag>;
}

function Marks({ of }: { of: Booked }) {
  const say = useSlots();
  const may = useMay()("tasks.work");
  const told = useDone();
  const now = useNow(60);
  const begun = !of.starts_at || new Date(of.starts_at) <= now;
  const init = { params: { path: { code: of.code } }, body: { by: "" } };
  const came = useAct("post", "/api/v1/slots/bookings/{code}/keep", {
    onSuccess: () => told(say("came_told")),
  });
  const missed = useAct("post", "/api/v1/slots/bookings/{code}/miss", {
    onSuccess: () => told(say("missed_told")),
  });
  if (!may) return null;
  return (
    <Flex gap={4} wrap>
      {(of.state === "open" || of.state === "missed") && (
        <Button size="small" loading={came.isPending} onClick={() => came.mutate(init)}>
          {say("came")}
        </Button>
      )}
      {of.state === "open" && begun && (
        <Popconfirm
          title={say("missed_sure")}
          okText={say("missed")}
          cancelText={say("cancel")}
          onConfirm={() => missed.mutate(init)}
        >
          <Button size="small" loading={missed.isPending}>
            {say("missed")}
          </Button>
        </Popconfirm>
      )}
      <Problem error={came.error ?? missed.error} />
    </Flex>
  );
}

/** The day is closed after a question that names who is booked; opened at once. */
function Holiday({ of, booked }: { of: Which; booked: Booked[] }) {
  const say = useSlots();
  const may = useMay()("settings.write");
  const [language] = useLanguage();
  const told = useDone();
  const [asking, ask] = useState(false);
  const week = useWeek(of.service, of.store, of.from);
  const day = dayName(of.day, language);
  const body = { store: of.store, day: of.day, by: "" };
  const path = { service: of.service };
  const open = api.useMutation("post", "/api/v1/slots/{service}/close", {
    onSuccess: () => told(say("opened_told", { day })),
  });
  const reopen = () => open.mutate({ params: { path }, body: { ...body, closed: false } });
  const close = api.useMutation("post", "/api/v1/slots/{service}/close", {
    onSuccess: () => {
      told(say("closed_told", { day }), reopen);
      ask(false);
    },
  });
  const here = week.data?.days.find((one) => one.day === of.day);
  if (!may || !here) return null;
  if (here.closed)
    return (
      <Button loading={open.isPending} onClick={reopen}>
        {say("open")}
      </Button>
    );
  const count = booked.filter((one) => one.state === "open" && one.offer === of.service).length;
  return (
    <>
      <Button onClick={() => ask(true)}>{say("close")}</Button>
      <Modal
        open={asking}
        title={say("close_title", { day, store: of.storeName })}
        okText={say("close")}
        cancelText={say("cancel")}
        confirmLoading={close.isPending}
        onCancel={() => ask(false)}
        onOk={() => close.mutate({ params: { path }, body: { ...body, closed: true } })}
      >
        <Problem error={close.error} />
        <p>{say("close_why", { count })}</p>
      </Modal>
    </>
  );
}

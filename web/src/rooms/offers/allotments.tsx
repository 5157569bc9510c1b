import { Button, Flex, Form, Input, InputNumber, Modal, Table, type TableProps } from "antd";
import { useState } from "react";
import { useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { count, digits, money } from "@/ui/format";
import { Problem } from "@/ui/states";
import { Count, Money } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { owed, type Part, type Row, type Totals } from "./totals";
import { useOffers } from "./words";

/** The whole, each store, each prize: how much there is of it, changed one by one. */
export function Allotments({ of, all }: { of: Row; all: Totals }) {
  const say = useOffers();
  const may = useMay()("settings.write");
  const [open, setOpen] = useState<Part | null>(null);
  const pool = of.terms.codes === "pool";
  const number = (key: string, of_: (row: Part) => number | null) => ({
    key,
    title: say(key as "taken"),
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: Part) => {
      const found = of_(row);
      return found === null ? "—" : <Count of={found} />;
    },
  });
  const columns: TableProps<Part>["columns"] = [
    {
      key: "part",
      title: say("part"),
      render: (_, row) => (row.part ? <code>{row.part}</code> : say("whole")),
    },
    number("pieces", (row) => row.pieces),
    number("taken", (row) => row.taken),
    number("left", (row) => (row.pieces === null ? null : row.pieces - row.taken)),
  ];
  if (of.allotted.some((one) => one.budget_minor !== null))
    columns.push(
      ...(["budget", "spent"] as const).map((key) => ({
        key,
        title: say(key),
        align: "right" as const,
        className: "money",
        render: (_: unknown, row: Part) => {
          const minor = key === "budget" ? row.budget_minor : row.spent_minor;
          return minor === null ? "—" : <Money minor={minor} currency={of.currency} />;
        },
      })),
    );
  if (may && !pool)
    columns.push({
      key: "change",
      title: "",
      render: (_, row) =>
        (row.pieces !== null || row.budget_minor !== null) && (
          <Button size="small" onClick={() => setOpen(row)}>
            {say("change")}
          </Button>
        ),
    });
  return (
    <div className="offer-allotments">
      <h3>{say("allotted")}</h3>
      <Table<Part>
        aria-label={say("allotted")}
        size="small"
        rowKey="part"
        pagination={of.allotted.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={of.allotted}
        columns={columns}
      />
      {pool && <p className="quiet small">{say("pool_help")}</p>}
      {open && <Change key={open.part} of={of} all={all} part={open} close={() => setOpen(null)} />}
    </div>
  );
}

interface Wanted {
  pieces?: number;
  budget?: number; // in major units
  reason: string;
}

interface Next {
  pieces: number | null;
  budget_minor: number | null;
  reason: string;
}

function Change(props: { of: Row; all: Totals; part: Part; close: () => void }) {
  const { of, all, part, close } = props;
  const say = useOffers();
  const [language] = useLanguage();
  const [form] = Form.useForm<Wanted>();
  const [sure, ask] = useState<Next | null>(null);
  const told = useDone();
  const unit = 10 ** digits(of.currency);
  const named = part.part || say("whole");
  const body = (next: Next, was: Pick<Part, "pieces" | "budget_minor">) => ({
    params: { path: { code: of.code } },
    body: {
      ...next,
      part: part.part,
      was_pieces: was.pieces,
      was_budget_minor: was.budget_minor,
      by: "",
    },
  });
  const back = useAct("put", "/api/v1/offers/{code}/allotment", {
    onSuccess: () => told(say("undone")),
  });
  const act = useAct("put", "/api/v1/offers/{code}/allotment", {
    onSuccess: (_, { body: done }) => {
      const was = { pieces: part.pieces, budget_minor: part.budget_minor };
      const now = { pieces: done.pieces ?? null, budget_minor: done.budget_minor ?? null };
      told(say("changed"), () => back.mutate(body({ ...was, reason: say("undo_reason") }, now)));
      close();
    },
  });
  const save = (next: Next) => act.mutate(body(next, part));
  const wish = ({ pieces, budget, reason }: Wanted) => {
    const next = {
      pieces: pieces ?? part.pieces,
      budget_minor: budget === undefined ? part.budget_minor : Math.round(budget * unit),
      reason: reason ?? "",
    };
    const fewer =
      (next.pieces ?? 0) < (part.pieces ?? 0) ||
      (next.budget_minor ?? 0) < (part.budget_minor ?? 0);
    if (fewer) ask(next);
    else save(next);
  };
  const least = (most: number, said: string) => ({
    validator: async (_: unknown, value: number | null) => {
      if (value === null || value === undefined) throw new Error(say("needed"));
      if (value < most) throw new Error(say("too_few", { least: said }));
    },
  });
  const spent = money(part.spent_minor, language, of.currency);
  return (
    <Modal
      open
      title={say(sure ? "sure_title" : "change_title", { part: named })}
      okText={say(sure ? "sure" : "save")}
      cancelText={say(sure ? "back" : "cancel")}
      okButtonProps={{ danger: sure !== null }}
      confirmLoading={act.isPending}
      onCancel={() => (sure ? ask(null) : close())}
      onOk={() => (sure ? save(sure) : form.submit())}
    >
      <Problem error={act.error} />
      {sure && <Sure of={of} all={all} part={part} next={sure} />}
      <Form<Wanted>
        form={form}
        layout="vertical"
        requiredMark={false}
        hidden={sure !== null}
        initialValues={{
          pieces: part.pieces ?? undefined,
          budget: part.budget_minor === null ? undefined : part.budget_minor / unit,
          reason: "",
        }}
        onFinish={wish}
      >
        {part.pieces !== null && (
          <Form.Item
            name="pieces"
            label={say("pieces")}
            extra={say("pieces_help", { taken: count(part.taken, language) })}
            rules={[least(part.taken, count(part.taken, language))]}
          >
            <InputNumber min={0} max={10_000_000} precision={0} autoFocus />
          </Form.Item>
        )}
        {part.budget_minor !== null && (
          <Form.Item
            name="budget"
            label={`${say("budget")} (${of.currency})`}
            extra={say("budget_help", { spent })}
            rules={[least(part.spent_minor / unit, spent)]}
          >
            <InputNumber min={0} precision={digits(of.currency)} style={{ width: 200 }} />
          </Form.Item>
        )}
        <Form.Item name="reason" label={say("reason")} extra={say("reason_help")}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** What fewer pieces, or less money, mean for those who wait. */
function Sure(props: { of: Row; all: Totals; part: Part; next: Next }) {
  const { of, all, part, next } = props;
  const say = useOffers();
  const [language] = useLanguage();
  const cash = (minor: number) => money(minor, language, of.currency);
  const left = (next.pieces ?? 0) - part.taken;
  const waits = all.held + owed(of);
  return (
    <Flex vertical gap={8}>
      {next.pieces !== null && next.pieces !== part.pieces && (
        <p>
          {say("sure_pieces", {
            was: count(part.pieces ?? 0, language),
            now: count(next.pieces, language),
            taken: count(part.taken, language),
            left: count(left, language),
          })}
        </p>
      )}
      {next.budget_minor !== null && next.budget_minor !== part.budget_minor && (
        <p>
          {say("sure_budget", {
            was: cash(part.budget_minor ?? 0),
            now: cash(next.budget_minor),
            left: cash(next.budget_minor - part.spent_minor),
          })}
        </p>
      )}
      {next.pieces !== null && left < waits && (
        <p className="tone-waits">{say("sure_reserved", { count: waits })}</p>
      )}
    </Flex>
  );
}

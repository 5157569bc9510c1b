import { Flex, Select, Table, type TableProps } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { SchemaPaidToStaff } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { Nothing, Shown } from "@/ui/states";
import { Count, Money } from "@/ui/value";
import { useTasks } from "./words";

const DAYS = [7, 30, 90] as const;
const DAY = 86_400_000;

/** What customers paid each guide in chats, day by day. */
export function Payments() {
  const say = useTasks();
  const [days, setDays] = useState<number>(30);
  const hour = Math.floor(useNow().getTime() / 3_600_000) * 3_600_000; // so that it is one question
  const since = new Date(hour - days * DAY).toISOString();
  const query = api.useQuery("get", "/api/v1/tasks/payments", { params: { query: { since } } });
  const columns: TableProps<SchemaPaidToStaff>["columns"] = [
    { title: say("guide"), render: (_, one) => <span data-raw>{one.name}</span> },
    { title: say("day"), render: (_, one) => <span className="number">{one.day}</span> },
    { title: say("paid_count"), align: "right", render: (_, one) => <Count of={one.payments} /> },
    {
      title: say("paid"),
      align: "right",
      render: (_, one) => <Money minor={one.paid_minor} currency={one.currency} />,
    },
    {
      title: say("given_back"),
      align: "right",
      render: (_, one) => <Money minor={one.refunded_minor} currency={one.currency} />,
    },
  ];
  return (
    <section aria-label={say("payments")} className="tasks-list">
      <Flex justify="space-between" align="center" gap={12} wrap>
        <div>
          <h2>{say("payments")}</h2>
          <span className="quiet small">{say("payments_why")}</span>
        </div>
        <Select
          aria-label={say("period")}
          value={days}
          onChange={setDays}
          options={DAYS.map((one) => ({ value: one, label: say("last_days", { days: one }) }))}
        />
      </Flex>
      <Shown query={query} rows={2}>
        {(found) => (
          <Table<SchemaPaidToStaff>
            aria-label={say("payments")}
            size="small"
            rowKey={(one) => `${one.staff} ${one.day} ${one.currency}`}
            dataSource={found.payments}
            columns={columns}
            pagination={
              found.payments.length > 50 ? { pageSize: 50, showSizeChanger: false } : false
            }
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Nothing what={say("no_payments")} /> }}
          />
        )}
      </Shown>
    </section>
  );
}

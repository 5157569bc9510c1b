import { Table, type TableProps } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Nothing, Shown } from "@/ui/states";
import { Count } from "@/ui/value";
import { usePlans } from "./plans.words";

type Day = components["schemas"]["GroupDay"];
type Sum = { purpose: string; joined: number; left: number; days: Day[] };

/** Who came into the groups of each purpose and who went: in all, and day by day beneath. */
export function Days() {
  const say = usePlans();
  const query = api.useQuery("get", "/api/v1/groups/days", {});
  const counts = useCounts<Sum>();
  return (
    <section className="panel" aria-label={say("part_days")}>
      <Shown query={query}>
        {({ days }) =>
          days.length === 0 ? (
            <Nothing what={say("days_none")} />
          ) : (
            <Table<Sum>
              aria-label={say("part_days")}
              size="small"
              rowKey="purpose"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={summed(days)}
              columns={[
                {
                  key: "plan",
                  title: say("plan"),
                  render: (_, row) => (
                    <>
                      <code>{row.purpose}</code> <span className="quiet">{say("total")}</span>
                    </>
                  ),
                },
                ...counts,
              ]}
              expandable={{ expandedRowRender: (row) => <Each days={row.days} /> }}
            />
          )
        }
      </Shown>
    </section>
  );
}

function Each({ days }: { days: Day[] }) {
  const say = usePlans();
  return (
    <Table<Day>
      aria-label={say("day")}
      size="small"
      rowKey="day"
      pagination={false}
      dataSource={[...days].reverse()}
      columns={[
        { key: "day", title: say("day"), render: (_, row) => <span>{row.day}</span> },
        ...useCounts<Day>(),
      ]}
    />
  );
}

function useCounts<Row extends { joined: number; left: number }>(): NonNullable<
  TableProps<Row>["columns"]
> {
  const say = usePlans();
  const number = (title: string, of: (row: Row) => number) => ({
    key: title,
    title,
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: Row) => <Count of={of(row)} />,
  });
  return [
    number(say("joined"), (row) => row.joined),
    number(say("left"), (row) => row.left),
    number(say("net"), (row) => row.joined - row.left),
  ];
}

function summed(days: readonly Day[]): Sum[] {
  const found = new Map<string, Sum>();
  for (const one of days) {
    const sum = found.get(one.purpose) ?? { purpose: one.purpose, joined: 0, left: 0, days: [] };
    sum.joined += one.joined;
    sum.left += one.left;
    sum.days.push(one);
    found.set(one.purpose, sum);
  }
  return [...found.values()];
}

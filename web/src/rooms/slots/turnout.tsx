import { Table } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Nothing, Shown } from "@/ui/states";
import { Count, Rate } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useSlots } from "./words";

type Row = components["schemas"]["ServiceTurnout"];
const COUNTED = ["booked", "came", "missed", "cancelled"] as const;
const INVITED = ["invited", "visited"] as const;

/** Of those who booked, who came; of those who were invited, who came. */
export function Turnout() {
  const say = useSlots();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/slots/turnout", {});
  const number = (key: (typeof COUNTED)[number] | (typeof INVITED)[number]) => ({
    key,
    title: say(key),
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: Row) => {
      const known = row[key];
      return known === null ? "—" : <Count of={known} />;
    },
  });
  const share = (key: "rate" | "invited_rate") => ({
    key,
    title: say(key),
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: Row) => <Rate of={row[key]} />,
  });
  return (
    <section className="panel" aria-label={say("turnout")}>
      <h2>{say("turnout")}</h2>
      <p className="quiet">{say("turnout_why")}</p>
      {query.data?.services.some((one) => one.invited === null) && (
        <p className="quiet">{say("invited_unknown")}</p>
      )}
      <Shown query={query}>
        {({ services }) =>
          services.every((one) => one.booked + (one.invited ?? 0) === 0) ? (
            <Nothing what={say("turnout_none")} />
          ) : (
            <Table<Row>
              aria-label={say("turnout")}
              size="small"
              rowKey="service"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={services}
              columns={[
                {
                  key: "service",
                  title: say("service"),
                  render: (_, row) => <span data-raw>{row.title[language] ?? row.service}</span>,
                },
                ...COUNTED.map(number),
                share("rate"),
                ...INVITED.map(number),
                share("invited_rate"),
              ]}
            />
          )
        }
      </Shown>
    </section>
  );
}

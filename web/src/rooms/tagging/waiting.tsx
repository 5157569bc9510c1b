import { Table, Tag } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Nothing, Shown } from "@/ui/states";
import { Count, Exact, When } from "@/ui/value";
import { useTagging } from "./words";

type Row = components["schemas"]["AwaitedTag"];

/** Tags of people who are not here yet, counted: nobody's key is shown. */
export function Waiting() {
  const say = useTagging();
  const query = api.useQuery("get", "/api/v1/tags/waiting", {});
  return (
    <section className="panel" aria-label={say("waiting")}>
      <p className="quiet">{say("waiting_help")}</p>
      <Shown query={query}>
        {({ waiting }) => (
          <Table<Row>
            aria-label={say("waiting")}
            size="small"
            rowKey={(row) => `${row.name} ${row.source}`}
            pagination={waiting.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
            dataSource={waiting}
            locale={{ emptyText: <Nothing what={say("waiting_none")} /> }}
            columns={[
              { key: "tag", title: say("tag"), render: (_, row) => <Tag data-raw>{row.name}</Tag> },
              {
                key: "source",
                title: say("source"),
                render: (_, row) => (
                  <span data-raw>{row.source === "list" ? say("source_list") : row.source}</span>
                ),
              },
              {
                key: "people",
                title: say("keys"),
                align: "right",
                className: "money",
                render: (_, row) => <Count of={row.people} />,
              },
              {
                key: "since",
                title: say("wait_since"),
                render: (_, row) => <When at={row.since} />,
              },
              {
                key: "until",
                title: say("wait_until"),
                render: (_, row) => <Exact at={row.until} />,
              },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

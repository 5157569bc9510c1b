import { Flex, Select, Table, Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useTagging } from "./words";

type Hit = components["schemas"]["TagHit"];

const MOST = 200;

/** Whom rules have tagged, by what; each leads to the customer. */
export function Hits() {
  const say = useTagging();
  const code = useCode();
  const may = useMay()("segments.read");
  const [{ rule }, set] = useFilters(["rule"]);
  const rules = api.useQuery(
    "get",
    "/api/v1/tags/rules",
    { params: { query: { dropped: true } } },
    { enabled: may },
  );
  const query = api.useQuery("get", "/api/v1/tags/hits", {
    params: { query: { limit: MOST, ...(rule && { rule }) } },
  });
  return (
    <section className="panel" aria-label={say("hits")}>
      <Flex justify="space-between" gap={8} wrap style={{ marginBottom: 12 }}>
        <span className="quiet">{say("hits_help", { count: MOST })}</span>
        <Select
          aria-label={say("rule")}
          placeholder={say("every_rule")}
          allowClear
          showSearch
          popupMatchSelectWidth={false}
          value={rule || undefined}
          options={(rules.data?.rules ?? []).map((one) => ({ value: one.code, label: one.code }))}
          onChange={(chosen?: string) => set({ rule: chosen ?? "" })}
        />
      </Flex>
      <Shown query={query}>
        {({ hits }) => (
          <Table<Hit>
            aria-label={say("hits")}
            size="small"
            rowKey={(row) => `${row.rule} ${row.customer} ${row.at}`}
            pagination={hits.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
            dataSource={hits}
            locale={{ emptyText: <Nothing what={say("hits_none")} /> }}
            columns={[
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
                key: "tag",
                title: say("tag"),
                render: (_, row) => <Tag data-raw>{row.tag}</Tag>,
              },
              { key: "rule", title: say("rule"), render: (_, row) => <code>{row.rule}</code> },
              {
                key: "fact",
                title: say("fact"),
                render: (_, row) => (
                  <>
                    {code("event", row.kind)}{" "}
                    <span className="quiet small" data-raw>
                      {say("told_by", { source: row.source })}
                    </span>
                  </>
                ),
              },
              { key: "at", title: say("at"), render: (_, row) => <When at={row.at} /> },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

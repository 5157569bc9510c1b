import { Flex, Table, type TableProps } from "antd";
import { api } from "@/api/client";
import type { SchemaFriendsHandedOver } from "@/api/schema";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Begin } from "./begin";
import { Became, HowFar, Press } from "./standing";
import { useHandover } from "./words";

const EVERY = 3000; // while one is under way

/** Friends of one of us become another's, and what became of those who were given before. */
export function Component() {
  const say = useHandover();
  const query = api.useQuery(
    "get",
    "/api/v1/handovers",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.handovers.some((one) => one.state === "running") ? EVERY : false,
    },
  );
  return (
    <Page title={say("title")} under={say("under")}>
      <Shown query={query}>
        {(found) =>
          found.possible ? (
            <Flex vertical gap={24}>
              <Begin />
              <Past rows={found.handovers} />
            </Flex>
          ) : (
            <Nothing what={say("off")} />
          )
        }
      </Shown>
    </Page>
  );
}

function Past({ rows }: { rows: SchemaFriendsHandedOver[] }) {
  const say = useHandover();
  const columns: TableProps<SchemaFriendsHandedOver>["columns"] = [
    {
      key: "who",
      title: say("who"),
      render: (_, one) => (
        <span data-raw>
          {one.giver_name} → {one.taker_name}
        </span>
      ),
    },
    { key: "state", title: say("state"), render: (_, one) => <HowFar of={one} /> },
    { key: "became", title: say("became"), render: (_, one) => <Became of={one.friends} /> },
    { key: "began", title: say("began"), render: (_, one) => <When at={one.began_at} /> },
    { key: "by", title: say("by"), render: (_, one) => <span data-raw>{one.by || "—"}</span> },
    { key: "press", title: "", render: (_, one) => <Press of={one} /> },
  ];
  return (
    <section aria-label={say("past")}>
      <h2>{say("past")}</h2>
      <Table<SchemaFriendsHandedOver>
        aria-label={say("past")}
        size="small"
        pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        columns={columns}
        dataSource={rows}
        rowKey={(one) => `${one.giver} ${one.taker}`}
        locale={{ emptyText: <Nothing what={say("none")} /> }}
      />
    </section>
  );
}

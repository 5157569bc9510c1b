import type { TableProps } from "antd";
import { api } from "@/api/client";
import type { SchemaGroupChat } from "@/api/schema";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing } from "@/ui/states";
import { Count } from "@/ui/value";
import { useNames } from "./names";
import { useGroups } from "./words";

const PAGE = 200;
const COUNTED = ["staff", "members", "friends", "joined", "left"] as const;

/** Group chats: how many customers are in each, how many of them are friends, who came and went. */
export function Component() {
  const say = useGroups();
  const name = useNames();
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/groups",
    { params: { query: { limit: PAGE } } },
    {
      ...byCursor,
      getNextPageParam: (last) => (last.groups.length < PAGE ? undefined : last.next),
    },
  );
  const columns: TableProps<SchemaGroupChat>["columns"] = [
    {
      title: say("title"),
      render: (_, one) => (
        <>
          {one.title ? <span data-raw>{one.title}</span> : say("unnamed")}{" "}
          <span className="quiet small" data-raw>
            {one.chat}
          </span>
        </>
      ),
    },
    { title: say("owner"), render: (_, one) => (one.owner ? name(one.owner) : "—") },
    ...COUNTED.map((what) => ({
      title: say(what),
      align: "right" as const,
      render: (_: unknown, one: SchemaGroupChat) => <Count of={one[what]} />,
    })),
  ];
  return (
    <Page title={say("groups")} under={say("groups_under")}>
      <Keyset
        query={query}
        rows={(page) => page.groups}
        rowKey={(one) => one.chat}
        label={say("groups")}
        empty={<Nothing what={say("groups_none")} />}
        columns={columns}
      />
    </Page>
  );
}

import { Flex, Segmented, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useFilters } from "@/ui/filters";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { usePlans } from "./plans.words";

type Member = components["schemas"]["OddMember"];
const KINDS = ["twice", "apart"] as const;

/** Who is in several groups of one purpose, or in some that are kept apart. */
export function Odd() {
  const say = usePlans();
  const [filters, set] = useFilters(["kind"]);
  const kind = filters.kind === "apart" ? "apart" : "twice";
  const chats = api.useQuery("get", "/api/v1/groups", { params: { query: { limit: 1000 } } });
  const titles = new Map((chats.data?.groups ?? []).map((one) => [one.chat, one.title]));
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/groups/odd",
    { params: { query: { kind, limit: 100 } } },
    byCursor,
  );
  const columns: TableProps<Member>["columns"] = [
    {
      key: "customer",
      title: say("customer"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`}>
          <span data-raw>{row.name_masked || say("nameless")}</span>
        </Link>
      ),
    },
    {
      key: "plan",
      title: say("plan"),
      render: (_, row) => (
        <code>{row.other ? say("and", { one: row.purpose, other: row.other }) : row.purpose}</code>
      ),
    },
    {
      key: "groups",
      title: say("groups"),
      render: (_, row) => (
        <span data-raw>{row.chats.map((one) => titles.get(one) || one).join("、")}</span>
      ),
    },
  ];
  return (
    <section className="panel" aria-label={say("part_odd")}>
      <Flex vertical gap={12}>
        <div className="group-parts">
          <Segmented
            aria-label={say("part_odd")}
            value={kind}
            options={KINDS.map((one) => ({ value: one, label: say(`odd_${one}`) }))}
            onChange={(chosen) => set({ kind: chosen === "twice" ? "" : chosen })}
          />
        </div>
        <p className="quiet">{say("odd_why")}</p>
        <Keyset
          query={query}
          rows={(page) => page.rows}
          rowKey={(row) => `${row.customer} ${row.purpose} ${row.other}`}
          label={say("part_odd")}
          empty={<Nothing what={say(`odd_none_${kind}`)} />}
          columns={columns}
        />
      </Flex>
    </section>
  );
}

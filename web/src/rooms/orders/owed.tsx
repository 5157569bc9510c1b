import { type TableProps, Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { Exact, When } from "@/ui/value";
import { Buyer, Shop, Title } from "./parts";
import { useOrders } from "./words";

type Owing = components["schemas"]["OwedPromise"];

/** What we owe, and no parcel carries yet; or all that is open and ends before a moment. */
export function Owed({ until }: { until?: string }) {
  const say = useOrders();
  const code = useCode();
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/promises/owed",
    { params: { query: { limit: 50, ...(until && { until, open: true }) } } },
    byCursor,
  );
  const columns: TableProps<Owing>["columns"] = [
    {
      key: "offer",
      title: say("offer"),
      render: (_, row) => <Title of={row.title} code={row.offer} />,
    },
    {
      key: "buyer",
      title: say("for_whom"),
      render: (_, row) => <Buyer customer={row.customer} name={row.buyer} />,
    },
    {
      key: "order",
      title: say("order_no"),
      render: (_, row) => (
        <Link data-raw to={`/customers/orders?order_no=${encodeURIComponent(row.order_no)}`}>
          {row.order_no}
        </Link>
      ),
    },
    { key: "shop", title: say("shop"), render: (_, row) => <Shop of={row.shop} /> },
    {
      key: "why",
      title: say("why"),
      render: (_, row) => (row.reason ? <Tag>{code("promise_reason", row.reason)}</Tag> : "—"),
    },
    {
      key: "promised_at",
      title: say("promised_at"),
      render: (_, row) => <When at={row.promised_at} />,
    },
    { key: "until", title: say("until_when"), render: (_, row) => <Exact at={row.expires_at} /> },
  ];
  return (
    <>
      <p className="quiet">{say(until ? "ending_why" : "owed_why")}</p>
      <Keyset
        query={query}
        rows={(page) => page.promises}
        columns={columns}
        rowKey={(row) => row.id}
        label={say("owed")}
        empty={<Nothing what={say("no_owed")} />}
      />
    </>
  );
}

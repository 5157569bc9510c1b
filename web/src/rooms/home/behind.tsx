import { Drawer } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { When } from "@/ui/value";
import { useHome } from "./words";

export const FIGURES = ["orders", "invited", "friends", "unmatched", "again"] as const;
export type Figure = (typeof FIGURES)[number];

/** Exactly those whom a number counts, as it stood when it was shown. */
export function Behind(props: { figure: Figure; since: string; until: string; close: () => void }) {
  const { figure, close } = props;
  const say = useHome();
  const [{ since, until }] = useState(props); // the list of the number that was pressed stays as it was
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/overview/{figure}",
    { params: { path: { figure }, query: { since, until, limit: 50 } } },
    byCursor,
  );
  const title = say(`behind_${figure}`);
  return (
    <Drawer open title={title} onClose={close} size={640}>
      <Keyset
        query={query}
        label={title}
        rows={(page) => page.rows}
        rowKey={(row) => `${row.customer} ${row.order_no} ${row.at}`}
        empty={<Nothing what={say("nobody")} />}
        columns={[
          {
            title: say("customer"),
            render: (_, row) =>
              row.customer ? (
                <Link to={`/customers/${row.customer}`}>{row.name_masked || say("unnamed")}</Link>
              ) : (
                <span className="quiet">{say("guest")}</span>
              ),
          },
          { title: say("phone"), dataIndex: "phone_masked", className: "number" },
          ...(figure === "friends" || figure === "unmatched"
            ? []
            : [{ title: say("order"), dataIndex: "order_no", className: "number" }]),
          { title: say("when"), dataIndex: "at", render: (at: string) => <When at={at} /> },
        ]}
      />
    </Drawer>
  );
}

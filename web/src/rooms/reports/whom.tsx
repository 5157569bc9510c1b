import { Drawer, Skeleton, Table } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { count } from "@/ui/format";
import { Nothing, Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { untilReady } from "./report";
import { useReports } from "./words";

export type Person = components["schemas"]["ReportPerson"];

/** The customers whom a number of a report counts, by the cells of its row: `r:5,f:4`. */
export function Whom(props: {
  name: string;
  asked: Record<string, string>;
  cells: string;
  close: () => void;
}) {
  const { name, asked, cells, close } = props;
  const say = useReports();
  const [language] = useLanguage();
  const query = api.useQuery(
    "get",
    "/api/v1/reports/figures/{name}/people",
    // what the report can be asked with is in the list, and not in the types
    { params: { path: { name }, query: { ...asked, cell: cells.split(",") } } },
    untilReady,
  );
  return (
    <Drawer open title={say("whom")} onClose={close} size={480}>
      <Shown query={query}>
        {(found) =>
          found.state === "working" ? (
            <Skeleton active />
          ) : found.all === 0 ? (
            <Nothing what={say("nobody")} />
          ) : (
            <>
              <p className="quiet">
                {say(found.people.length < found.all ? "whom_first" : "whom_all", {
                  count: found.all,
                  shown: count(found.people.length, language),
                })}
                <br />
                {say("whom_now")}
              </p>
              <Table<Person>
                aria-label={say("whom")}
                size="small"
                rowKey="customer"
                pagination={
                  found.people.length > 50 ? { pageSize: 50, showSizeChanger: false } : false
                }
                dataSource={found.people}
                columns={[
                  {
                    title: say("customer"),
                    render: (_, row) => <Named of={row} />,
                  },
                  { title: say("phone"), dataIndex: "phone_masked", className: "number" },
                ]}
              />
            </>
          )
        }
      </Shown>
    </Drawer>
  );
}

export function Named({ of }: { of: Person }) {
  const say = useReports();
  return <Link to={`/customers/${of.customer}`}>{of.name_masked || say("unnamed")}</Link>;
}

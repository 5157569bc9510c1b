import { Flex } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Bring } from "./bring";
import { Export } from "./export";
import { History } from "./history";
import { useLists } from "./words";

const SOON = 1000; // milliseconds between two looks at one that is under way

/** Files of people: in, with a look first; taken back; out, with a reason. */
export function Component() {
  const say = useLists();
  const may = useMay();
  const lists = api.useQuery(
    "get",
    "/api/v1/lists",
    {},
    {
      refetchInterval: (query) =>
        query.state.data?.lists.some((one) => one.done_at === null) ? SOON : false,
    },
  );
  return (
    <Page title={say("title")} under={say("under")}>
      <Flex vertical gap={16}>
        {may("imports.write") && (
          <Bring under={lists.data?.lists[0]} begun={() => lists.refetch()} />
        )}
        {may("customers.read") && <Export />}
        <section className="panel">
          <h2>{say("history")}</h2>
          <History query={lists} />
        </section>
        <p className="quiet">
          {say("elsewhere")}{" "}
          {may("parcels.read") && (
            <Link to="/settings/warehouses?part=picks">{say("gift_plans")}</Link>
          )}
          {may("imports.read") && (
            <>
              {" · "}
              <Link to="/settings/imports">{say("orders")}</Link>
            </>
          )}
          {may("tasks.manage") && (
            <>
              {" · "}
              <Link to="/tasks/reveals">{say("reveals")}</Link>
            </>
          )}
        </p>
      </Flex>
    </Page>
  );
}

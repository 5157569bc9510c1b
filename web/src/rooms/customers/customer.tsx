import { Button, Dropdown, Flex } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Failed, Shown } from "@/ui/states";
import { Complaint, Hold } from "./care";
import { Merge } from "./merge";
import { Now } from "./now";
import { Reveal } from "./reveal";
import { Timeline } from "./timeline";
import type { Overview } from "./types";
import { Who } from "./who";
import { useCustomers } from "./words";
import "./customers.css";

type Asked = "hold" | "complaint" | "merge" | null;

/** One customer: who, what happened, what is under way. */
export function Component() {
  const { customer = "" } = useParams();
  const say = useCustomers();
  const query = api.useQuery("get", "/api/v1/customers/{customer}/overview", {
    params: { path: { customer } },
  });
  const { data } = query;
  if (query.error && !data) {
    return (
      <Page title={say("customer")}>
        <Failed
          error={query.error}
          retry={() => query.refetch()}
          back={{ to: "/customers", label: say("back") }}
        />
      </Page>
    );
  }
  return (
    <Shown query={query} rows={12}>
      {(of) => <Customer key={of.customer} of={of} />}
    </Shown>
  );
}

function Customer({ of }: { of: Overview }) {
  const say = useCustomers();
  const may = useMay();
  const [asked, ask] = useState<Asked>(null);
  const done = () => ask(null);
  const complained = of.suppressed.some((one) => one.reason === "open_complaint");
  const items = [
    ...(may("customers.care")
      ? [
          { key: "hold", label: say("hold") },
          { key: "complaint", label: say(complained ? "complaint_settle" : "complaint") },
        ]
      : []),
    ...(may("customers.merge") ? [{ key: "merge", label: say("merge") }] : []),
  ];
  return (
    <Page
      title={of.name_masked || say("nameless")}
      primary={
        <Flex gap={8} align="center">
          {items.length > 0 && (
            <Dropdown menu={{ items, onClick: ({ key }) => ask(key as Asked) }} trigger={["click"]}>
              <Button>{say("more")}</Button>
            </Dropdown>
          )}
          {may("customers.reveal") && <Reveal of={of} />}
        </Flex>
      }
    >
      <div className="customer">
        <aside className="panel">
          <Who of={of} />
        </aside>
        <div className="panel">
          <Timeline of={of} />
        </div>
        <aside className="panel now">
          <Now of={of} />
        </aside>
      </div>
      {asked === "hold" && <Hold customer={of.customer} done={done} />}
      {asked === "complaint" && (
        <Complaint customer={of.customer} settle={complained} done={done} />
      )}
      {asked === "merge" && <Merge of={of} done={done} />}
    </Page>
  );
}

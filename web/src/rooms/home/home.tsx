import { Flex } from "antd";
import { Navigate, useSearchParams } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { exact, minute } from "@/ui/format";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { Behind, FIGURES, type Figure } from "./behind";
import { Capacity } from "./capacity";
import { Needs } from "./needs";
import { Definitions, River } from "./river";
import { useWhole } from "./whole";
import { useHome } from "./words";
import "./home.css";

/** Does the loop turn today, and what needs somebody? Who works for a part of the brand starts at the tasks. */
export function Component() {
  const whole = useWhole()("overview.read");
  return whole ? <Home /> : <Navigate to="/tasks" replace />;
}

function Home() {
  const say = useHome();
  const may = useMay();
  const overview = api.useQuery("get", "/api/v1/overview");
  const { data: goal } = api.useQuery("get", "/api/v1/goal");
  const [params, setParams] = useSearchParams();
  const asked = params.get("list") as Figure | null;
  const open = asked && FIGURES.includes(asked) ? asked : null;
  const show = (figure: Figure | null) =>
    setParams(figure ? { list: figure } : {}, { replace: figure === null });
  const until = overview.data?.until;
  return (
    <Page title={say("title")} under={until && say("today", { time: minute(until) })}>
      <Flex vertical gap={16}>
        <section className="panel" aria-label={say("loop")}>
          <Shown query={overview} rows={8}>
            {(told) => <River told={told} goal={goal?.goal ?? null} show={show} />}
          </Shown>
          <Definitions at={until ? exact(until) : ""} />
        </section>
        <div className="home-below">
          <Needs />
          {may("tasks.read") && <Capacity />}
        </div>
      </Flex>
      {open && overview.data && (
        <Behind
          figure={open}
          since={overview.data.since}
          until={overview.data.until}
          close={() => show(null)}
        />
      )}
    </Page>
  );
}

import { Alert, Button, Drawer, Flex, Progress } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link, useParams } from "react-router";
import { api, useAct } from "@/api/client";
import type { SchemaDryRun } from "@/api/schema";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Places, Problem, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { moves, percent, SOON } from "./dry";
import { useDry } from "./dry.words";
import { Answer } from "./dry-answer";
import { AskDry } from "./dry-ask";
import { DryState } from "./dry-list";
import "./journeys.css";
import { useTongue } from "./said";

const Editor = lazy(() => import("@/ui/editor"));

/** One dry run: how far it is, and then what it tells. */
export function Component() {
  const { code = "", run = "" } = useParams();
  const say = useDry();
  const { in: said } = useTongue();
  const journey = api.useQuery(
    "get",
    "/api/v1/journeys/{code}",
    { params: { path: { code } } },
    { retry: false },
  );
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs/{run}",
    { params: { path: { run } } },
    { refetchInterval: (asked) => (moves(asked.state.data?.state) ? SOON : false) },
  );
  const found = query.data;
  return (
    <Page
      title={say("title", { title: said(journey.data?.title) || code })}
      under={
        <Flex gap={8} align="center" wrap>
          <Link to={`/journeys/${code}?tab=dry`}>{say("tab")}</Link>
          {found && (
            <>
              <DryState state={found.state} share={found.share} />
              <span className="number">{say("period", { first: found.from, last: found.to })}</span>
              <span>
                {say("asked_by", { who: found.asked_by })} <When at={found.asked_at} />
              </span>
            </>
          )}
        </Flex>
      }
      primary={found && <Primary found={found} />}
    >
      <Shown query={query}>{(one) => <Whole found={one} />}</Shown>
    </Page>
  );
}

function Primary({ found }: { found: SchemaDryRun }) {
  const say = useDry();
  const may = useMay();
  const [open, set] = useState<"" | "text" | "again">("");
  const close = () => set("");
  return (
    <Flex vertical gap={8} align="flex-end">
      <Flex gap={8} wrap justify="flex-end">
        <Button onClick={() => set("text")}>{say("see_text")}</Button>
        {may("journeys.publish") && !moves(found.state) && (
          <Button type="primary" onClick={() => set("again")}>
            {say("again")}
          </Button>
        )}
        <Cancel found={found} />
      </Flex>
      {open === "again" && (
        <AskDry text={found.text} draft={false} rates={found.rates} close={close} />
      )}
      {open === "text" && (
        <Drawer open size={720} onClose={close} title={say("see_text")}>
          <Suspense fallback={<Soon />}>
            <Editor text={found.text} label={say("see_text")} readOnly problems={[]} />
          </Suspense>
        </Drawer>
      )}
    </Flex>
  );
}

/** As long as it is under way, for who may. */
export function Cancel({ found }: { found: Pick<SchemaDryRun, "id" | "state" | "stopping"> }) {
  const say = useDry();
  const may = useMay();
  const cancel = useAct("post", "/api/v1/journeys/dry-runs/{run}/cancel");
  if (!may("journeys.publish") || !moves(found.state)) return null;
  return (
    <>
      <Button
        danger
        disabled={found.stopping}
        loading={cancel.isPending}
        onClick={() => cancel.mutate({ params: { path: { run: found.id } }, body: { by: "" } })}
      >
        {say("cancel")}
      </Button>
      <Problem error={cancel.error} />
    </>
  );
}

export function Whole({ found }: { found: SchemaDryRun }) {
  const say = useDry();
  if (found.answer) return <Answer found={found} answer={found.answer} />;
  if (found.state === "cancelled")
    return <Alert type="info" showIcon role="status" title={say("cancelled_why")} />;
  if (found.state === "failed")
    return (
      <Alert
        type="error"
        showIcon
        role="alert"
        title={say("failed_why")}
        description={<Places detail={found.error} problems={found.problems} />}
      />
    );
  if (found.state === "waiting")
    return <Alert type="info" showIcon role="status" title={say("waiting_why")} />;
  return <Under found={found} />;
}

function Under({ found }: { found: SchemaDryRun }) {
  const say = useDry();
  return (
    <section className="panel" role="status" aria-label={say("running")}>
      <Progress percent={percent(found.share)} aria-label={say("running")} />
      <span className={found.stopping ? "tone-waits" : "quiet"}>
        {found.stopping
          ? say("stopping")
          : found.at_day
            ? say("running_why", { day: found.at_day })
            : say("preparing")}
      </span>
    </section>
  );
}

import { Flex } from "antd";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { moves, SOON } from "../journeys/dry";
import { useDry } from "../journeys/dry.words";
import { DryState } from "../journeys/dry-list";
import { Cancel, Whole } from "../journeys/dry-run";
import "../journeys/journeys.css";
import { placeOf } from "./places";
import { usePlaybooks } from "./words";

/** One forecast of a playbook: how far it is, and then what it tells. */
export function Component() {
  const { name = "", run = "" } = useParams();
  const say = usePlaybooks();
  const dry = useDry();
  const [language] = useLanguage();
  const rows = api.useQuery("get", "/api/v1/playbooks", {});
  const title =
    rows.data?.playbooks.find((one) => one.playbook === name)?.title?.[language] ?? name;
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs/{run}",
    { params: { path: { run } } },
    { refetchInterval: (asked) => (moves(asked.state.data?.state) ? SOON : false) },
  );
  const found = query.data;
  return (
    <Page
      title={say("forecast_of", { title })}
      under={
        <Flex gap={8} align="center" wrap>
          <Link to={placeOf(name)} data-raw>
            {title}
          </Link>
          {found && (
            <>
              <DryState state={found.state} share={found.share} />
              <span className="number">{dry("period", { first: found.from, last: found.to })}</span>
              <span>
                {dry("asked_by", { who: found.asked_by })} <When at={found.asked_at} />
              </span>
            </>
          )}
        </Flex>
      }
      primary={found && <Cancel found={found} />}
    >
      <Shown query={query}>{(one) => <Whole found={named(one, name)} />}</Shown>
    </Page>
  );
}

/** Files and pictures are called by the playbook's name. */
function named<Run extends { answer: { journey: string } | null }>(run: Run, name: string): Run {
  return run.answer ? { ...run, answer: { ...run.answer, journey: name } } : run;
}

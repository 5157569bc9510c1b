import { Flex } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Money } from "@/ui/value";
import { moves, SELDOM, SOON } from "../journeys/dry";
import { useDry } from "../journeys/dry.words";
import { DryState } from "../journeys/dry-list";
import { placeOf } from "./places";
import { usePlaybooks } from "./words";

/** Forecasts that were asked for, the latest first. */
export function Tried({ name }: { name: string }) {
  const say = usePlaybooks();
  const dry = useDry();
  const { data } = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs",
    { params: { query: { journey: `playbook:${name}`, limit: 5 } } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.dry_runs.some((one) => moves(one.state)) ? SOON : SELDOM,
    },
  );
  const runs = data?.dry_runs ?? [];
  return (
    <section className="panel" aria-label={say("forecasts")}>
      <h2>{say("forecasts")}</h2>
      {runs.length === 0 && <p className="quiet">{say("forecasts_none")}</p>}
      <ul className="play-plain">
        {runs.map((one) => (
          <li key={one.id}>
            <Flex gap={8} wrap align="center">
              <Link to={`${placeOf(name)}/forecasts/${one.id}`} className="number">
                {dry("period", { first: one.from, last: one.to })}
              </Link>
              <DryState state={one.state} share={one.share} />
              {one.cost_minor !== null && <Money minor={one.cost_minor} currency={one.currency} />}
            </Flex>
          </li>
        ))}
      </ul>
    </section>
  );
}

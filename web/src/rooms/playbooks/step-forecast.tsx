import { Alert, Button, Flex, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import { now } from "@/ui/clock";
import { day } from "@/ui/format";
import { Problem } from "@/ui/states";
import { moves, SOON } from "../journeys/dry";
import { useDry } from "../journeys/dry.words";
import { Sentence } from "../journeys/dry-answer";
import { Cancel, Whole } from "../journeys/dry-run";
import { bodyOf, triedNow } from "./choices";
import { placeOf } from "./places";
import type { Asked } from "./start";
import { useStart } from "./start.words";

const SPANS = [7, 30, 90] as const;

/** The forecast of this start, as far as it is; anew every second while it is under way. */
export function useForecast(id: string) {
  return api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs/{run}",
    { params: { path: { run: id } } },
    {
      enabled: id !== "",
      refetchInterval: (asked) => (moves(asked.state.data?.state) ? SOON : false),
    },
  );
}

/** What it would have done lately, by these settings. */
export function Forecast({ of, chosen, choose }: Asked) {
  const say = useStart();
  const dry = useDry();
  const [days, span] = useState<number>(30);
  const query = useForecast(chosen.forecast);
  const found = chosen.forecast ? query.data : undefined;
  const tried = triedNow(chosen);
  const ask = useAct("post", "/api/v1/playbooks/{playbook}/forecast", {
    onSuccess: ({ id }) => choose({ forecast: id, tried }),
  });
  const begin = () => {
    const last = dayjs(day(now())).subtract(1, "day");
    ask.mutate({
      params: { path: { playbook: of.playbook } },
      body: {
        settings: bodyOf(chosen).settings,
        from: last.subtract(days - 1, "day").format("YYYY-MM-DD"),
        to: last.format("YYYY-MM-DD"),
        ranges: true,
        by: "",
      },
    });
  };
  const busy = moves(found?.state);
  return (
    <>
      <p className="quiet">
        {say("forecast_why")} {say("forecast_skip")}
      </p>
      <Flex gap={8} wrap align="center">
        <Select
          aria-label={dry("days")}
          value={days}
          options={SPANS.map((count) => ({ value: count, label: say("forecast_days", { count }) }))}
          onChange={span}
        />
        {!busy && (
          <Button type="primary" ghost loading={ask.isPending} onClick={begin}>
            {say(found ? "forecast_again" : "forecast_begin")}
          </Button>
        )}
        {found && <Cancel found={found} />}
      </Flex>
      <Problem error={ask.error ?? (chosen.forecast ? query.error : null)} />
      {found && chosen.tried !== tried && (
        <Alert type="warning" showIcon role="status" title={say("forecast_stale")} />
      )}
      <div aria-live="polite">
        {found?.answer ? (
          <>
            <Sentence answer={found.answer} />
            <Link to={`${placeOf(of.playbook)}/forecasts/${found.id}`}>
              {dry("period", { first: found.from, last: found.to })}
            </Link>
          </>
        ) : (
          found && <Whole found={found} />
        )}
      </div>
    </>
  );
}

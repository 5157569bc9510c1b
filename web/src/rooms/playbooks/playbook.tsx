import { Button, Flex } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import type { SchemaPlaybookFull, SchemaPlaybookRow } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { rate } from "@/ui/format";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { span } from "../journeys/said";
import { Brings } from "./brings";
import { Figures } from "./figures";
import { Needs, Spent, State } from "./parts";
import { placeOf, UNDER } from "./places";
import "./playbooks.css";
import { Settings } from "./settings";
import { Stop } from "./stop";
import { Tried } from "./tried";
import { usePlaybooks } from "./words";
import { Written } from "./written";

/** One playbook: what it does, what it brings, how it is judged, and what came of it. */
export function Component() {
  const { name = "" } = useParams();
  const rows = api.useQuery("get", "/api/v1/playbooks", {});
  const row = rows.data?.playbooks.find((one) => one.playbook === name);
  if (row && !row.shipped) return <Own row={row} />;
  return <Shipped name={name} />;
}

function Shipped({ name }: { name: string }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/playbooks/{playbook}", {
    params: { path: { playbook: name } },
  });
  const found = query.data;
  return (
    <Page
      title={found?.title[language] ?? name}
      under={found && <Under of={found} />}
      primary={found && <Primary of={found} title={found.title[language] ?? name} shipped />}
    >
      <Shown query={query} rows={12} back={{ to: UNDER, label: say("back") }}>
        {(one) => (
          <>
            <MayNot />
            <div className="play-columns">
              <div className="play-column">
                <section className="panel" aria-label={say("about")}>
                  {one.whom && !one.page.includes(say("whom")) && (
                    <p>
                      <strong>{say("whom")}</strong> <span data-raw>{one.whom[language]}</span>
                    </p>
                  )}
                  {one.page ? <Written text={one.page} /> : <p data-raw>{one.about[language]}</p>}
                </section>
                {(one.state === "running" || one.state === "stopped") && (
                  <section className="panel" aria-label={say("figures")}>
                    <h2>{say("figures")}</h2>
                    <Spent of={one.budget} />
                    <Figures name={name} />
                  </section>
                )}
                <Judged of={one} />
                <section className="panel" aria-label={say("stories")}>
                  <h2>{say("stories")}</h2>
                  <p className="quiet">{say("stories_why")}</p>
                  <ul className="play-stories">
                    {one.parts.stories.map((story) => (
                      <li key={story.code} data-raw>
                        {story.title[language]}
                      </li>
                    ))}
                  </ul>
                </section>
              </div>
              <div className="play-column">
                <section className="panel" aria-label={say("needs")}>
                  <h2>{say("needs")}</h2>
                  {one.needs.length ? (
                    <Needs of={one.needs} />
                  ) : (
                    <p className="quiet">{say("needs_none")}</p>
                  )}
                </section>
                <Brings of={one} />
                <Settings of={one.settings} />
                <Tried name={name} />
              </div>
            </div>
          </>
        )}
      </Shown>
    </Page>
  );
}

/** A brand's own: its files are elsewhere, but it runs, is judged and stopped as the others are. */
function Own({ row }: { row: SchemaPlaybookRow }) {
  const say = usePlaybooks();
  return (
    <Page
      title={row.playbook}
      under={<Under of={row} />}
      primary={<Primary of={row} title={row.playbook} shipped={false} />}
    >
      <section className="panel">
        <p>{say("own")}</p>
        <Figures name={row.playbook} />
      </section>
    </Page>
  );
}

type Some = Pick<
  SchemaPlaybookRow,
  "playbook" | "state" | "started_at" | "stopped_at" | "pilot"
> & {
  goal: string;
  started_by?: string;
  started_by_name?: string;
};

function Under({ of }: { of: Some }) {
  const say = usePlaybooks();
  const code = useCode();
  return (
    <Flex gap={8} align="center" wrap>
      <Link to={UNDER}>{say("back")}</Link>
      <State of={of} />
      {of.state === "running" && of.started_by && (
        <span>{say("started_by", { who: of.started_by_name || of.started_by })}</span>
      )}
      {of.goal && <span>{say("goal_of", { goal: code("goal", of.goal) })}</span>}
    </Flex>
  );
}

function Primary({ of, title, shipped }: { of: Some; title: string; shipped: boolean }) {
  const say = usePlaybooks();
  const may = useMay();
  const [stopping, stop] = useState(false);
  if (!may("journeys.publish")) return null;
  const running = of.state === "running";
  const to = `${placeOf(of.playbook)}/start`;
  return (
    <Flex gap={8} wrap>
      {running && (
        <Button danger onClick={() => stop(true)}>
          {say("stop")}
        </Button>
      )}
      {shipped && (
        <Link to={to}>
          <Button type={running ? "default" : "primary"} tabIndex={-1}>
            {say(running ? "adjust" : of.state === "stopped" ? "again" : "start")}
          </Button>
        </Link>
      )}
      {stopping && <Stop name={of.playbook} title={title} close={() => stop(false)} />}
    </Flex>
  );
}

/** Who may look and not start is told what it takes. */
function MayNot() {
  const say = usePlaybooks();
  const code = useCode();
  const may = useMay();
  const [language] = useLanguage();
  if (may("journeys.publish")) return null;
  const either = new Intl.ListFormat(language, { type: "disjunction" });
  const who = either.format(["operator", "owner"].map((one) => code("role", one)));
  return (
    <p className="quiet">
      {say("may_not", { permission: code("permission", "journeys.publish"), who })}
    </p>
  );
}

function Judged({ of }: { of: SchemaPlaybookFull }) {
  const say = usePlaybooks();
  const code = useCode();
  const [language] = useLanguage();
  const holdout = rate(of.holdout, language, 0);
  const said = of.outcome
    ? say("judged_by", {
        within: span(of.outcome.within, language),
        event: code("event", of.outcome.event),
        holdout,
      })
    : say("judged_holdout", { holdout });
  return (
    <section className="panel" aria-label={say("judged")}>
      <h2>{say("judged")}</h2>
      <p>{of.holdout > 0 ? said : say("judged_nobody")}</p>
    </section>
  );
}

import { Alert, Button, Flex, Popconfirm } from "antd";
import { useEffect, useRef } from "react";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import type { SchemaPlaybookFull } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { useSettled } from "@/ui/settled";
import { Failed, Notice, Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { moves, SOON } from "../journeys/dry";
import {
  bodyOf,
  type Choices,
  type Preview,
  STEPS,
  type Step,
  stepOf,
  useChoices,
} from "./choices";
import { Needs } from "./parts";
import { placeOf } from "./places";
import "./playbooks.css";
import { useStart } from "./start.words";
import { Confirm } from "./step-confirm";
import { Forecast } from "./step-forecast";
import { Pilot, Settings } from "./step-how";
import { Offers, Policy, Source } from "./step-where";
import { Budgeted, Staff } from "./step-who";

const REST = 250; // milliseconds without a change

/** What every step knows, and how it changes what is chosen. */
export interface Asked {
  of: SchemaPlaybookFull;
  preview: Preview;
  chosen: Choices;
  choose: (change: Partial<Choices>) => void;
  go: (step: Step) => void;
  forget: () => void;
}

/** Start a playbook step by step: each is checked as one goes, and nothing is lost on the way. */
export function Component() {
  const { name = "" } = useParams();
  const say = useStart();
  const may = useMay();
  const code = useCode();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/playbooks/{playbook}", {
    params: { path: { playbook: name } },
  });
  const title = query.data?.title[language] ?? name;
  if (!may("journeys.publish"))
    return (
      <Page title={title}>
        <Notice title={say("may_not", { permission: code("permission", "journeys.publish") })}>
          <Link to={placeOf(name)}>{title}</Link>
        </Notice>
      </Page>
    );
  if (query.data) return <Guided key={name} of={query.data} />;
  return (
    <Page title={name}>
      <Shown query={query} rows={8}>
        {() => null}
      </Shown>
    </Page>
  );
}

function usePreview(name: string, chosen: Choices) {
  const said = useSettled(JSON.stringify(bodyOf(chosen)), REST);
  return api.useQuery(
    "post",
    "/api/v1/playbooks/{playbook}/preview",
    { params: { path: { playbook: name } }, body: JSON.parse(said) },
    {
      placeholderData: (before: Preview | undefined) => before,
      // what it may cost is known once the forecast is there
      refetchInterval: (asked) => (moves(asked.state.data?.forecast?.state) ? 2 * SOON : false),
    },
  );
}

function Guided({ of }: { of: SchemaPlaybookFull }) {
  const say = useStart();
  const [language] = useLanguage();
  const [chosen, choose, forget] = useChoices(of.playbook, of);
  const [filters, set] = useFilters(["step"]);
  const step = STEPS.find((one) => one === filters.step) ?? "source";
  const query = usePreview(of.playbook, chosen);
  const running = of.state === "running";
  const title = of.title[language] ?? of.playbook;
  const go = (to: Step) => set({ step: to });
  return (
    <Page
      title={say(running ? "title_adjust" : "title", { title })}
      under={
        <Flex gap={8} wrap align="center">
          <Link to={placeOf(of.playbook)} data-raw>
            {title}
          </Link>
          <span>{say(running ? "under_adjust" : "under")}</span>
        </Flex>
      }
    >
      {query.error && !query.data ? (
        <Failed error={query.error} retry={() => query.refetch()} />
      ) : (
        <Shown query={query} rows={10}>
          {(preview) => (
            <div className="play-guided">
              <Walk step={step} preview={preview} go={go} />
              <Stage
                asked={{ of, preview, chosen, choose, go, forget }}
                step={step}
                title={title}
              />
            </div>
          )}
        </Shown>
      )}
    </Page>
  );
}

/** All steps with how each stands; any can be gone to. */
function Walk({ step, preview, go }: { step: Step; preview: Preview; go: (to: Step) => void }) {
  const say = useStart();
  return (
    <nav className="play-walk" aria-label={say("steps")}>
      <ol>
        {STEPS.map((one, place) => {
          const wrong = preview.problems.filter((found) => stepOf(found) === one);
          const stops = wrong.some((found) => found.stops);
          return (
            <li key={one}>
              <button
                type="button"
                className={one === step ? "on" : ""}
                aria-current={one === step ? "step" : undefined}
                onClick={() => go(one)}
              >
                <span className="play-number number">{place + 1}</span> {say(one)}
                {wrong.length > 0 && (
                  <span className={stops ? "tone-harm" : "tone-waits"}>
                    {" "}
                    {stops ? "✗" : "!"}
                    <span className="play-unseen">{say(stops ? "wrong" : "hints")}</span>
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Stage({ asked, step, title }: { asked: Asked; step: Step; title: string }) {
  const say = useStart();
  const head = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const place = STEPS.indexOf(step);
  const [before, after] = [STEPS[place - 1], STEPS[place + 1]];
  // whoever goes on by keyboard goes on reading at the step's beginning
  // biome-ignore lint/correctness/useExhaustiveDependencies: anew with each step
  useEffect(() => {
    if (!first.current) head.current?.focus();
    first.current = false;
  }, [step]);
  return (
    <section className="panel play-stage" aria-labelledby="play-step">
      <header>
        <h2 id="play-step" ref={head} tabIndex={-1}>
          {say(step)}
        </h2>
        <span className="quiet number">{say("step_n", { n: place + 1, of: STEPS.length })}</span>
      </header>
      <Wrong asked={asked} step={step} />
      <Content asked={asked} step={step} title={title} />
      <Flex gap={8} wrap justify="space-between" align="center" className="play-go">
        <Flex gap={8} wrap>
          <Button disabled={!before} onClick={() => before && asked.go(before)}>
            {say("back")}
          </Button>
          {after && (
            <Button type="primary" onClick={() => asked.go(after)}>
              {say("next", { step: say(after) })}
            </Button>
          )}
        </Flex>
        <span className="quiet small">
          {say("kept")}{" "}
          <Popconfirm
            title={say("reset_sure")}
            okText={say("yes")}
            cancelText={say("no")}
            onConfirm={() => {
              asked.forget();
              asked.go("source");
            }}
          >
            <Button type="link" size="small">
              {say("reset")}
            </Button>
          </Popconfirm>
        </span>
      </Flex>
    </section>
  );
}

/** What is wrong with this step, in the server's words. Settings name their own below. */
function Wrong({ asked, step }: { asked: Asked; step: Step }) {
  const say = useStart();
  const { preview } = asked;
  const missing = preview.needs.filter((one) => !one.there);
  const atField = preview.settings.map((one) => one.problem).filter(Boolean);
  const found = preview.problems.filter(
    (one) =>
      stepOf(one) === step &&
      one.step !== "needs" &&
      !atField.some((problem) => one.says.includes(problem)),
  );
  return (
    <>
      {step === "source" && missing.length > 0 && (
        <Alert
          type="warning"
          role="status"
          title={say("needs")}
          description={<Needs of={missing} />}
        />
      )}
      {step !== "confirm" &&
        found.map((one) => (
          <Alert
            key={one.says}
            type={one.stops ? "error" : "warning"}
            showIcon
            role="status"
            title={<span data-raw>{one.says}</span>}
          />
        ))}
    </>
  );
}

function Content({ asked, step, title }: { asked: Asked; step: Step; title: string }) {
  switch (step) {
    case "source":
      return <Source {...asked} />;
    case "policy":
      return <Policy {...asked} />;
    case "offer":
      return <Offers {...asked} />;
    case "staff":
      return <Staff {...asked} />;
    case "budget":
      return <Budgeted {...asked} />;
    case "settings":
      return <Settings {...asked} />;
    case "pilot":
      return <Pilot {...asked} />;
    case "forecast":
      return <Forecast {...asked} />;
    case "confirm":
      return <Confirm {...asked} title={title} />;
  }
}

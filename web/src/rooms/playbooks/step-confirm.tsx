import { Alert, Button, Flex } from "antd";
import { useNavigate } from "react-router";
import { useAct } from "@/api/client";
import { useCode } from "@/ui/codes";
import { useDone } from "@/ui/done";
import { Problem } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { bodyOf, type Preview, stepOf, triedNow } from "./choices";
import { Needs } from "./parts";
import { placeOf } from "./places";
import type { Asked } from "./start";
import { useStart } from "./start.words";
import { useForecast } from "./step-forecast";
import { told } from "./told";

/** In words what happens from now on, to how many people, at what cost; and then the start. */
export function Confirm(props: Asked & { title: string }) {
  const { of, preview, chosen, go, forget, title } = props;
  const say = useStart();
  const code = useCode();
  const [language] = useLanguage();
  const done = useDone();
  const navigate = useNavigate();
  const { data } = useForecast(chosen.forecast);
  const answer = chosen.forecast ? (data?.answer ?? null) : null;
  const stops = preview.problems.filter((one) => one.stops);
  const missing = preview.needs.filter((one) => !one.there);
  const hints = preview.problems.filter((one) => !one.stops && one.step !== "needs");
  const running = of.state === "running";
  const act = useAct("post", "/api/v1/playbooks/{playbook}/start", {
    onSuccess: ({ journeys, warnings }) => {
      forget();
      void navigate(placeOf(of.playbook));
      const waiting = journeys.filter((one) => one.waiting).map((one) => one.code);
      const said = waiting.length
        ? say("waits", { title, journeys: waiting.join(", ") })
        : say("started", { title });
      done([said, ...warnings].join("\n"));
    },
  });
  const { forecast: _, ...body } = bodyOf(chosen);
  const lines = told({
    of,
    preview,
    chosen,
    answer,
    stale: chosen.tried !== triedNow(chosen),
    tongue: { say, code, language },
  });
  return (
    <>
      <h3 className="play-h3">{say("from_now")}</h3>
      <ul className="play-told">
        {lines.map((one) => (
          <li key={one} className="number" data-raw>
            {one}
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <Alert
          type="warning"
          role="status"
          title={say("needs")}
          description={<Needs of={missing} />}
        />
      )}
      {hints.length > 0 && (
        <Alert
          type="warning"
          role="status"
          title={say("hints")}
          description={
            <ul className="play-plain">
              {hints.map((one) => (
                <li key={one.says} data-raw>
                  {one.says}
                </li>
              ))}
            </ul>
          }
        />
      )}
      {stops.length > 0 && (
        <Alert
          type="error"
          role="alert"
          title={say("stops")}
          description={
            <ul className="play-plain">
              {stops.map((one) => (
                <li key={one.says}>
                  <span data-raw>{named(one, preview)}</span>{" "}
                  <Button size="small" onClick={() => go(stepOf(one))}>
                    {say("go_fix")}
                  </Button>
                </li>
              ))}
            </ul>
          }
        />
      )}
      <Problem error={act.error} />
      <Flex>
        <Button
          type="primary"
          disabled={stops.length > 0}
          loading={act.isPending}
          onClick={() => act.mutate({ params: { path: { playbook: of.playbook } }, body })}
        >
          {say(running ? "adjust" : "start")}
        </Button>
      </Flex>
    </>
  );
}

/** What a field has to say of itself says it in the field's words. */
function named(one: Preview["problems"][number], preview: Preview): string {
  const field = preview.settings.find(({ problem }) => problem && one.says.includes(problem));
  return field?.problem ?? one.says;
}

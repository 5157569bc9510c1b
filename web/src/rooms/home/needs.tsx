import { App, Button, Flex, Popconfirm } from "antd";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { duration } from "@/ui/format";
import { Problem, Shown } from "@/ui/states";
import { Count, type Tone, When } from "@/ui/value";
import { PLACES } from "./places";
import { useHome } from "./words";

type Need = components["schemas"]["Need"];
const TONES: Record<Need["severity"], Tone> = { harm: "harm", wait: "waits", note: "out" };

/** What waits for somebody, the worst first, each with one way to go. */
export function Needs() {
  const say = useHome();
  const query = api.useQuery("get", "/api/v1/attention", {}, { refetchInterval: 60_000 });
  return (
    <section className="panel" aria-labelledby="needs">
      <h2 id="needs">{say("needs")}</h2>
      <Shown query={query} rows={3}>
        {({ needs }) =>
          needs.length === 0 ? (
            <p className="quiet">{say("needs_nothing")}</p>
          ) : (
            <ul className="needs">
              {needs.map((one) => (
                <One key={`${one.code} ${one.about}`} need={one} />
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}

function One({ need }: { need: Need }) {
  const say = useHome();
  const code = useCode();
  const to = PLACES[need.code];
  const words = code("need", need.code);
  return (
    <li className="need" data-need={need.code}>
      <span className={`need-mark tone-${TONES[need.severity]}`} />
      <span>
        <Flex gap={8} wrap align="baseline">
          <span className={need.severity === "harm" ? "tone-harm" : ""}>{words}</span>
          <About need={need} />
        </Flex>
        {need.why && <div className="quiet">{need.why}</div>}
        {need.code === "template_rejected" && <SendAgain about={need.about} />}
      </span>
      <span className="quiet need-when">{need.since && <When at={need.since} />}</span>
      {to ? (
        <Link to={to} aria-label={`${say("look")}: ${words}`}>
          <Button size="small">{say("look")}</Button>
        </Link>
      ) : (
        <span />
      )}
    </li>
  );
}

/** Whoever has settled it with the provider need not wait until it is tried again. */
function SendAgain({ about }: { about: string }) {
  const say = useHome();
  const told = App.useApp().message;
  const may = useMay();
  const act = useAct("post", "/api/v1/resume", {
    onSuccess: () => told.success(say("sent_again")),
  });
  if (!may("touches.stop")) return null;
  const scope = `material:${about.replace("/", ":")}`;
  return (
    <>
      <Popconfirm
        placement="bottomLeft"
        title={say("send_again")}
        description={<div style={{ maxWidth: 320 }}>{say("send_again_is")}</div>}
        onConfirm={() => act.mutate({ body: { scope, by: "" } })}
      >
        <Button size="small" loading={act.isPending}>
          {say("send_again")}
        </Button>
      </Popconfirm>
      <Problem error={act.error} />
    </>
  );
}

function About({ need }: { need: Need }) {
  const say = useHome();
  const code = useCode();
  switch (need.code) {
    case "provider_down":
      return (
        <strong>
          {code("channel", need.about)} · {say("failures", { count: need.count })}
        </strong>
      );
    case "template_rejected": {
      const [channel = "", material] = need.about.split("/");
      return (
        <strong>
          {code("channel", channel)} · <span data-raw>{material}</span>
        </strong>
      );
    }
    case "quota_used":
    case "vendor_warns": {
      const [vendor = "", warning] = need.about.split("/"); // which one it is, `why` says in words
      return <strong>{warning ? <span data-raw>{vendor}</span> : code("channel", vendor)}</strong>;
    }
    case "pull_failing":
      return (
        <strong>
          <span data-raw>{need.about}</span> · {say("failures", { count: need.count })}
        </strong>
      );
    case "gift_low":
      return (
        <strong>
          <span data-raw>{need.about}</span> · {say("left", { count: need.count })}
        </strong>
      );
    case "sweep_late":
      return (
        <strong>
          <span data-raw>{need.about}</span> · {say("late_by", { time: duration(need.count) })}
        </strong>
      );
    case "nobody_works":
      return null;
    default:
      return (
        <strong>
          {need.about && <span data-raw>{need.about} · </span>}
          <Count of={need.count} most={need.more ? need.count : undefined} />
        </strong>
      );
  }
}

import { Alert, Button, Flex, Modal, Radio, Select, Typography } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import vocabulary from "@/api/vocabulary.json";
import { useCode } from "@/ui/codes";
import { Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useScope, useStops } from "./stops";
import { useStop } from "./words";

type Kind = "all" | "channel" | "journey";
type Done = {
  did: "pause" | "resume";
  scope: string;
  was: boolean;
  asked_back: number;
  waiting: number;
  in_hand: number;
};

/** Stop all, a channel or a journey, and go on: each says first what it would do, and then what it did. */
export function StopDialog({ close }: { close: () => void }) {
  const say = useStop();
  const stops = useStops();
  const [done, setDone] = useState<Done | null>(null);
  return (
    <Modal open title={say("dialog")} onCancel={close} footer={null} width={560} destroyOnHidden>
      <Flex vertical gap={16}>
        {done && <Told done={done} setDone={setDone} />}
        {stops.length > 0 && <Stopped setDone={setDone} />}
        <Pause key={stops.map((one) => one.scope).join()} setDone={setDone} />
      </Flex>
    </Modal>
  );
}

function Pause({ setDone }: { setDone: (done: Done) => void }) {
  const say = useStop();
  const code = useCode();
  const journeys = useMay()("journeys.read");
  const stops = useStops().map((one) => one.scope);
  const [kind, setKind] = useState<Kind>("all");
  const [name, setName] = useState("");
  const scope = kind === "all" ? "all" : `${kind}:${name}`;
  const chosen = kind === "all" || name !== "";
  const act = useAct("post", "/api/v1/pause", {
    onSuccess: (told) => setDone({ did: "pause", ...told }),
  });
  if (stops.includes("all")) return null;
  const words =
    kind === "all" ? "press_all" : kind === "channel" ? "press_channel" : "press_journey";
  return (
    <Flex vertical gap={12}>
      <Radio.Group
        aria-label={say("what")}
        value={kind}
        onChange={(event) => {
          setKind(event.target.value);
          setName("");
        }}
        optionType="button"
        options={[
          { value: "all", label: say("all") },
          { value: "channel", label: say("channel") },
          ...(journeys ? [{ value: "journey", label: say("journey") }] : []),
        ]}
      />
      {kind === "channel" && (
        <Select
          aria-label={say("which_channel")}
          placeholder={say("which_channel")}
          value={name || undefined}
          onChange={setName}
          options={Object.keys(vocabulary.channel).map((one) => ({
            value: one,
            label: code("channel", one),
          }))}
        />
      )}
      {kind === "journey" && <Journeys name={name} setName={setName} />}
      {chosen && <Preview scope={scope} />}
      <Typography.Text type="secondary">{say("stays")}</Typography.Text>
      <Problem error={act.error} />
      <Button
        danger
        type="primary"
        size="large"
        block
        disabled={!chosen || stops.includes(scope)}
        loading={act.isPending}
        onClick={() => act.mutate({ body: { scope, by: "" } })}
      >
        {say(words, { name: kind === "channel" ? code("channel", name) : name })}
      </Button>
    </Flex>
  );
}

function Journeys({ name, setName }: { name: string; setName: (name: string) => void }) {
  const say = useStop();
  const { data } = api.useQuery("get", "/api/v1/journeys");
  return (
    <Select
      showSearch
      aria-label={say("which_journey")}
      placeholder={say("which_journey")}
      value={name || undefined}
      onChange={setName}
      options={(data?.journeys ?? []).map((one) => ({ value: one.code, label: one.code }))}
    />
  );
}

function Preview({ scope }: { scope: string }) {
  const say = useStop();
  const code = useCode();
  const query = api.useQuery(
    "get",
    "/api/v1/stops/preview",
    { params: { query: { scope } } },
    { staleTime: 0 },
  );
  return (
    <Shown query={query} rows={3}>
      {({ channels, more }) =>
        channels.length === 0 ? (
          <Typography.Text>{say("holds_nothing")}</Typography.Text>
        ) : (
          <section aria-label={say("holds")}>
            <div className="quiet">
              {say("holds")}
              {more && say("more")}
            </div>
            {channels.map((one) => (
              <Flex key={one.channel} gap={12} wrap className="stop-line">
                <strong>{code("channel", one.channel)}</strong>
                {(["waiting", "untrue", "back", "in_hand"] as const).map((part) =>
                  one[part] ? (
                    <span key={part} className={part === "untrue" ? "tone-waits" : ""}>
                      {say(part)} <Count of={one[part]} />
                    </span>
                  ) : null,
                )}
              </Flex>
            ))}
          </section>
        )
      }
    </Shown>
  );
}

/** What is stopped, each with what resuming it brings. */
function Stopped({ setDone }: { setDone: (done: Done) => void }) {
  const say = useStop();
  const stops = useStops();
  return (
    <section aria-label={say("now")}>
      <strong>{say("now")}</strong>
      <Flex vertical gap={8}>
        {stops.map((one) => (
          <One key={one.scope} {...one} setDone={setDone} />
        ))}
      </Flex>
    </section>
  );
}

function One(props: { scope: string; by: string; since: string; setDone: (done: Done) => void }) {
  const { scope, by, since, setDone } = props;
  const say = useStop();
  const words = useScope();
  const { data } = api.useQuery(
    "get",
    "/api/v1/stops/preview",
    { params: { query: { scope } } },
    { staleTime: 0 },
  );
  const act = useAct("post", "/api/v1/resume", {
    onSuccess: (told) => setDone({ did: "resume", ...told }),
  });
  const sum = (part: "waiting" | "untrue") =>
    (data?.channels ?? []).reduce((all, one) => all + one[part], 0);
  const [waiting, untrue] = [sum("waiting"), sum("untrue")];
  return (
    <div className="panel">
      <Flex justify="space-between" align="center" gap={12} wrap>
        <div>
          <strong>{words(scope)}</strong>
          <div className="quiet">
            {say("by", { by })}
            <When at={since} />
          </div>
          {data && (
            <div className="number">
              {say("still_true", { count: waiting - untrue })}
              <br />
              {say("lapsed", { count: untrue })}
            </div>
          )}
        </div>
        <Button
          type="primary"
          loading={act.isPending}
          aria-label={say("resume_what", { scope: words(scope) })}
          onClick={() => act.mutate({ body: { scope, by: "" } })}
        >
          {say("resume")}
        </Button>
      </Flex>
      <Problem error={act.error} />
    </div>
  );
}

/** What the press did. */
function Told({ done, setDone }: { done: Done; setDone: (done: Done) => void }) {
  const say = useStop();
  const words = useScope();
  const again = useAct("post", "/api/v1/pause", {
    onSuccess: (told) => setDone({ did: "pause", ...told }),
  });
  if (done.did === "resume")
    return <Alert showIcon type="success" title={say("resumed", { scope: words(done.scope) })} />;
  const parts = [
    done.was ? say("was") : "",
    done.asked_back ? say("asked_back", { count: done.asked_back }) : "",
    say("kept", { count: done.waiting }),
    done.in_hand ? say("just_now", { count: done.in_hand }) : "",
  ].filter(Boolean);
  return (
    <Alert
      showIcon
      type="success"
      title={done.scope === "all" ? say("done") : say("done_part", { scope: words(done.scope) })}
      description={parts.map((one) => <div key={one}>{one}</div>)}
      action={
        done.in_hand > 0 && (
          <Button
            size="small"
            loading={again.isPending}
            onClick={() => again.mutate({ body: { scope: done.scope, by: "" } })}
          >
            {say("again")}
          </Button>
        )
      }
    />
  );
}

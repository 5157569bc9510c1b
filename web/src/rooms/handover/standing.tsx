import { App, Button, Flex, Progress } from "antd";
import { api } from "@/api/client";
import type { SchemaFriendsGiven, SchemaFriendsHandedOver } from "@/api/schema";
import { Problem } from "@/ui/states";
import { useHandover } from "./words";

const TONE = { running: "tone-ours", stopped: "tone-waits", given: "", failed: "tone-harm" };
const PARTS = ["waiting", "resting", "done", "refused", "full", "failed"] as const;

/** What is not nothing, in words. */
export function Became({ of }: { of: SchemaFriendsGiven }) {
  const say = useHandover();
  const parts = PARTS.filter((part) => of[part] > 0);
  if (parts.length === 0) return <span className="quiet">—</span>;
  return (
    <ul className="handover-parts">
      {parts.map((part) => (
        <li key={part} className="small">
          {say(`c_${part}`, { count: of[part] })}
        </li>
      ))}
    </ul>
  );
}

export function HowFar({ of }: { of: SchemaFriendsHandedOver }) {
  const say = useHandover();
  const { waiting, done, refused, full, failed, free } = of.friends;
  const given = waiting + done + refused + full + failed;
  const all = given + free;
  const said = say("of_all", { done: given, all });
  return (
    <>
      <span className={TONE[of.state]}>{say(of.state)}</span>{" "}
      <span className="number quiet small">{said}</span>
      {of.state === "running" && (
        <Progress
          aria-label={said}
          size="small"
          showInfo={false}
          percent={all ? Math.round((given / all) * 100) : 100}
        />
      )}
      {of.why && <div className="small tone-harm">{of.why}</div>}
    </>
  );
}

/** Stop it, or go on with it. */
export function Press({ of }: { of: SchemaFriendsHandedOver }) {
  const say = useHandover();
  const { message } = App.useApp();
  const two = { giver: of.giver, taker: of.taker };
  const stop = api.useMutation("post", "/api/v1/handovers/stop", {
    onSuccess: () => void message.success(say("stopped_now")),
  });
  const again = api.useMutation("post", "/api/v1/handovers", {
    onSuccess: ({ moved, kept }) => void message.success(say("begun", { moved, kept })),
  });
  return (
    <Flex vertical gap={4} align="flex-start">
      {of.state === "running" && (
        <Button
          size="small"
          title={say("stop_why")}
          loading={stop.isPending}
          onClick={() => stop.mutate({ body: { ...two, by: "" } })}
        >
          {say("stop")}
        </Button>
      )}
      {(of.state === "stopped" || of.state === "failed") && (
        <Button
          size="small"
          loading={again.isPending}
          onClick={() =>
            again.mutate({ body: { ...two, left: of.left, words: of.words, reason: "", by: "" } })
          }
        >
          {say("go_on")}
        </Button>
      )}
      <Problem error={stop.error ?? again.error} />
    </Flex>
  );
}

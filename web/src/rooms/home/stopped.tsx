import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { When } from "@/ui/value";
import { StopDialog } from "./stop-dialog";
import { useStop } from "./words";
import "./stopped.css";

/** What is stopped now; asked by every page. */
export function useStops() {
  const { data } = api.useQuery("get", "/api/v1/stops");
  return data?.stopped ?? [];
}

/** A scope in words: all, channel:sms, journey:cascade. */
export function useScope(): (scope: string) => string {
  const say = useStop();
  const code = useCode();
  return (scope) => {
    const [kind, name = ""] = scope.split(":", 2);
    if (kind === "channel") return say("of_channel", { name: code("channel", name) });
    if (kind === "journey") return say("of_journey", { name });
    return say("everything");
  };
}

/** Unmistakable on every page, for as long as it lasts. */
export function StoppedBanner() {
  const say = useStop();
  const scope = useScope();
  const stops = useStops();
  const [open, setOpen] = useState(false);
  const [first] = stops;
  const words = stops.map((one) => scope(one.scope)).join("、");
  return (
    <>
      {first && (
        <Alert
          banner
          showIcon
          type="error"
          role="status"
          className="stopped"
          title={
            <Flex gap={12} align="center" wrap>
              <strong>{say("banner", { scope: words })}</strong>
              <span>
                {say("by", { by: first.by })}
                <When at={first.since} />
              </span>
            </Flex>
          }
          action={
            <Button size="small" onClick={() => setOpen(true)}>
              {say("resume")}
            </Button>
          }
        />
      )}
      {open && <StopDialog close={() => setOpen(false)} />}
    </>
  );
}

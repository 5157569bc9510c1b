import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { When } from "@/ui/value";
import { StopDialog } from "./stop-dialog";
import { useScope, useStops } from "./stops";
import { useStop } from "./words";
import "./stopped.css";

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

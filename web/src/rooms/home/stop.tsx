import { PauseCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { StopDialog } from "./stop-dialog";
import { useStops } from "./stops";
import { useWhole } from "./whole";
import { useStop } from "./words";

/** The red switch: in the same place on every page. */
export default function Stop() {
  return useWhole()("touches.stop") ? <Switch /> : null;
}

function Switch() {
  const say = useStop();
  const stopped = useStops().length > 0;
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        danger
        type={stopped ? "primary" : "default"}
        icon={<PauseCircleOutlined />}
        onClick={() => setOpen(true)}
      >
        {say(stopped ? "stopped" : "stop")}
      </Button>
      {open && <StopDialog close={() => setOpen(false)} />}
    </>
  );
}

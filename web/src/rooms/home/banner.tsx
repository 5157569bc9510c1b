import { Alert } from "antd";
import { useEffect } from "react";
import { listen, useLink } from "@/api/live";
import { useMay } from "@/api/session";
import { StoppedBanner } from "./stopped";
import { useWhole } from "./whole";
import { useLive } from "./words";

/** Above every page: what is stopped, and how it stands with the server. */
export default function Banner() {
  const may = useMay();
  const whole = useWhole();
  const live = may("live.read");
  useEffect(() => (live ? listen() : undefined), [live]);
  return (
    <>
      {whole("touches.stop") && <StoppedBanner />}
      <LinkBanner />
    </>
  );
}

function LinkBanner() {
  const link = useLink();
  const say = useLive();
  if (link.is === "here") return null;
  const words = link.is === "behind" ? say("behind", { count: link.waiting }) : say(link.is);
  const type = { gone: "error", slow: "warning", behind: "warning", back: "success" } as const;
  return (
    <Alert banner showIcon type={type[link.is]} title={words} role="status" data-link={link.is} />
  );
}

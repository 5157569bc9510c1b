import type { ReactNode } from "react";
import { useCode } from "@/ui/codes";
import type { Line } from "./rules.diff";
import { useSettings } from "./words";

/** A channel, a group of channels, or all of them. */
export function useChannel(): (channel: string) => string {
  const say = useSettings();
  const code = useCode();
  return (channel) => {
    if (channel === "*") return say("all_channels");
    if (channel === "voice") return say("all_calls");
    if (channel === "wecom") return say("all_wecom");
    return code("channel", channel);
  };
}

/** A changed rule in words: what it is of, what it was, what it will be. */
export function useLine(): (line: Line) => ReactNode {
  const say = useSettings();
  const code = useCode();
  const channel = useChannel();
  const value = ({ of }: Line, one: Line["before"]) => {
    if (of === "shops") return say(one ? "allowed" : "forbidden");
    if (one === "") return say(of === "quotas" ? "days_of_month" : "no_limit");
    return String(one);
  };
  const subject = ({ of, key }: Line) => {
    const at = key.channel === undefined ? "" : channel(String(key.channel));
    if (of === "hours") return [say("hours"), at, code("purpose", String(key.purpose))];
    if (of === "quotas") return [say("quotas"), at, code("period", String(key.period))];
    if (of === "shops") return [String(key.shop), at];
    if (of === "caps") {
      const who = key.layer === "*" ? say("everybody") : String(key.layer);
      const span = say("in_days", { count: Number(key.days) });
      return [say("caps"), who, at, code("purpose", String(key.purpose)), span];
    }
    return [say(of)];
  };
  return (line) => (
    <>
      <span className="quiet">{subject(line).join(" · ")}</span>
      <br />
      {line.before === null ? (
        <strong>
          {say("new_rule")} {value(line, line.after)}
        </strong>
      ) : line.after === null ? (
        <strong className="tone-harm">
          {say("gone_rule")} {value(line, line.before)}
        </strong>
      ) : (
        <strong>
          {value(line, line.before)} → {value(line, line.after)}
        </strong>
      )}
    </>
  );
}

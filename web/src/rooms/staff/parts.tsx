import { Typography } from "antd";
import { useCode } from "@/ui/codes";
import type { Account } from "./tree";
import { useStaff } from "./words";

export function Sees({ of }: { of: Account }) {
  const code = useCode();
  return (
    <span>
      {code("scope", of.scope)}
      {of.place && (
        <span className="staff-code" data-raw>
          {of.place}
        </span>
      )}
    </span>
  );
}

export function State({ of }: { of: Account | undefined }) {
  const say = useStaff();
  if (!of) return <span className="tone-out">{say("no_account")}</span>;
  if (!of.active) return <span className="tone-out">{say("off")}</span>;
  if (of.must_change) return <span className="tone-waits">{say("one_time")}</span>;
  return <Typography.Text className="tone-ours">{say("on")}</Typography.Text>;
}

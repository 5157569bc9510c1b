import { Segmented } from "antd";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Hits } from "./hits";
import { Rules } from "./rules";
import { Waiting } from "./waiting";
import { useTagging } from "./words";
import "./tagging.css";

const PARTS = {
  rules: { needs: "segments.read", Part: Rules },
  hits: { needs: "customers.read", Part: Hits },
  waiting: { needs: "segments.read", Part: Waiting },
} as const;
type Name = keyof typeof PARTS;

/** Rules that tag by what happens, whom they tagged, and tags that wait for somebody to appear. */
export function Component() {
  const say = useTagging();
  const may = useMay();
  const [{ part }, set] = useFilters(["part"]);
  const there = (Object.keys(PARTS) as Name[]).filter((name) => may(PARTS[name].needs));
  const name = there.find((one) => one === part) ?? there[0] ?? "rules";
  const { Part } = PARTS[name];
  return (
    <Page title={say("title")} under={say("under")}>
      <div className="tag-parts">
        <Segmented
          aria-label={say("title")}
          value={name}
          options={there.map((one) => ({ value: one, label: say(one) }))}
          onChange={(chosen) => set({ part: chosen === "rules" ? "" : chosen })}
        />
      </div>
      <Part />
    </Page>
  );
}

import { api } from "@/api/client";
import type { SchemaPlaybookRow } from "@/api/schema";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Advice, type Service } from "./advice";
import { Card } from "./card";
import { ordered } from "./order";
import "./playbooks.css";
import { usePlaybooks } from "./words";

/** All playbooks: on top what to do now, then each with its state. */
export function Component() {
  const say = usePlaybooks();
  const may = useMay();
  const [filters, set] = useFilters(["margin", "service"]);
  const margin = Number(filters.margin) / 100;
  const service: Service =
    filters.service === "heavy" || filters.service === "light" ? filters.service : "";
  const rows = api.useQuery("get", "/api/v1/playbooks", {});
  const advice = api.useQuery(
    "get",
    "/api/v1/playbooks/advice",
    { params: { query: { ...(filters.margin !== "" && { margin }), service } } },
    { enabled: may("overview.read"), placeholderData: (before) => before },
  );
  const picks = advice.data?.playbooks ?? [];
  const titles = new Map(rows.data?.playbooks.map((one) => [one.playbook, one.title]));
  return (
    <Page title={say("title")} under={say("under")}>
      {may("overview.read") && (
        <Advice
          query={advice}
          titles={titles}
          margin={filters.margin}
          service={service}
          set={set}
        />
      )}
      <Shown query={rows} rows={12}>
        {({ playbooks }) =>
          playbooks.length === 0 ? (
            <Nothing what={say("none")} />
          ) : (
            <div className="play-cards">
              {ordered<SchemaPlaybookRow>(playbooks, picks).map((one) => (
                <Card
                  key={one.playbook}
                  of={one}
                  why={
                    one.state === "running"
                      ? undefined
                      : picks.find((pick) => pick.playbook === one.playbook)?.why
                  }
                />
              ))}
            </div>
          )
        }
      </Shown>
    </Page>
  );
}

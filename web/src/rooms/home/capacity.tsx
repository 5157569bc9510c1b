import { Popover } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Shown } from "@/ui/states";
import { useHome } from "./words";

/** Calls and tasks of those at work today. A team that fills more than one page is looked at on its own page. */
export function Capacity() {
  const say = useHome();
  const query = api.useQuery("get", "/api/v1/tasks/team", { params: { query: { limit: 200 } } });
  return (
    <section className="panel" aria-labelledby="capacity">
      <Popover content={<div style={{ maxWidth: 320 }}>{say("capacity_is")}</div>}>
        <h2 id="capacity">{say("capacity")}</h2>
      </Popover>
      <Shown query={query} rows={3}>
        {({ team }) => {
          const here = team.filter((one) => one.at_work);
          const total = (part: "open" | "overdue" | "done") =>
            team.reduce((all, one) => all + one[part], 0);
          const bound = here.filter((one) => one.left !== null);
          const used = here.reduce((all, one) => all + sum(one.today), 0);
          const usedBound = bound.reduce((all, one) => all + sum(one.today), 0);
          const most = bound.reduce((all, one) => all + sum(one.today) + (one.left ?? 0), 0);
          return (
            <div className="number">
              <div>{say("at_work", { count: here.length })}</div>
              {most > 0 ? (
                <>
                  <div className="meter">
                    <div style={{ width: `${Math.min(100, (100 * usedBound) / most)}%` }} />
                  </div>
                  <div>{say("used", { used: usedBound, most })}</div>
                </>
              ) : (
                <div>{say("no_limit", { used })}</div>
              )}
              <div className="quiet">
                {say("open", { count: total("open") })} · {say("done", { count: total("done") })}
              </div>
              {total("overdue") > 0 && (
                <Link to="/tasks" className="tone-waits">
                  {say("overdue", { count: total("overdue") })}
                </Link>
              )}
            </div>
          );
        }}
      </Shown>
    </section>
  );
}

function sum(parts: Record<string, number>): number {
  return Object.entries(parts).reduce((all, [work, one]) => (work === "*" ? all : all + one), 0);
}

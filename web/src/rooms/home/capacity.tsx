import { Popover } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Shown } from "@/ui/states";
import { useHome } from "./words";

/** What the team can still take today. */
export function Capacity() {
  const say = useHome();
  const query = api.useQuery("get", "/api/v1/tasks/capacity");
  return (
    <section className="panel" aria-labelledby="capacity">
      <Popover content={<div style={{ maxWidth: 320 }}>{say("capacity_is")}</div>}>
        <h2 id="capacity">{say("capacity")}</h2>
      </Popover>
      <Shown query={query} rows={3}>
        {({ at_work, given, limited, most, open, overdue, done }) => (
          <div className="number">
            <div>{say("at_work", { count: at_work })}</div>
            {most ? (
              <>
                <div className="meter">
                  <div style={{ width: `${Math.min(100, (100 * limited) / most)}%` }} />
                </div>
                <div>{say("used", { used: limited, most })}</div>
              </>
            ) : (
              <div>{say("no_limit", { used: given })}</div>
            )}
            <div className="quiet">
              {say("open", { count: open })} · {say("done", { count: done })}
            </div>
            {overdue > 0 && (
              <Link to="/tasks" className="tone-waits">
                {say("overdue", { count: overdue })}
              </Link>
            )}
          </div>
        )}
      </Shown>
    </section>
  );
}

import { Descriptions } from "antd";
import type { SchemaSet } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { minute } from "@/ui/format";
import { useStaff } from "./words";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** When somebody works and how much: to be read; `siyu staff` and the API set it. */
export function Rota({ of, everybody }: { of: SchemaSet; everybody: SchemaSet }) {
  const say = useStaff();
  const code = useCode();
  const own = Object.keys(of.week).length > 0;
  const week = own ? of.week : everybody.week;
  const days = DAYS.filter((day) => week[day]);
  const most = Object.entries(Object.keys(of.capacity).length ? of.capacity : everybody.capacity);
  return (
    <section aria-labelledby="rota">
      <h2 id="rota">{say("hours")}</h2>
      <Descriptions
        column={1}
        size="small"
        items={[
          {
            key: "week",
            label: own || !days.length ? say("hours") : say("usual_hours"),
            children: days.length ? (
              <div className="number">
                {days.map((day) => (
                  <div key={day}>
                    {say(day)} {week[day]}
                  </div>
                ))}
              </div>
            ) : (
              say("every_hour")
            ),
          },
          {
            key: "capacity",
            label: say("capacity"),
            children: most.length
              ? most
                  .map(([work, per]) =>
                    [work === "*" ? say("any_work") : code("task_kind", work), per].join(" "),
                  )
                  .join(" · ")
              : say("no_limit"),
          },
          {
            key: "leaves",
            label: say("leaves"),
            children: of.leaves.length ? (
              <div className="number">
                {of.leaves.map((one) => (
                  <div key={one.since}>
                    {minute(one.since)} – {one.until ? minute(one.until) : say("until_open")}{" "}
                    {one.reason}
                  </div>
                ))}
              </div>
            ) : (
              say("no_leaves")
            ),
          },
        ]}
      />
    </section>
  );
}

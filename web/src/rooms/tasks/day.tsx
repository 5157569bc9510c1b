import { Alert, Flex, Progress } from "antd";
import { api } from "@/api/client";
import type { SchemaDayOf } from "@/api/schema";
import { useTasks } from "./words";

/** How somebody's day goes. */
export function useDay(staff: string) {
  return api.useQuery(
    "get",
    "/api/v1/tasks/day",
    { params: { query: { staff } } },
    { enabled: staff !== "", refetchInterval: 60_000 },
  );
}

/** Progress, the rate, and a word when it is time for a break. */
export function Day({ day }: { day: SchemaDayOf | undefined }) {
  const say = useTasks();
  if (!day) return null;
  const all = day.done + day.open;
  const said = say("progress", { done: day.done, all });
  return (
    <Flex vertical gap={8}>
      <Flex align="center" gap={16} wrap className="tasks-day">
        <Progress
          percent={all ? Math.round((day.done / all) * 100) : 100}
          showInfo={false}
          size="small"
          aria-label={said}
        />
        <span className="number">{said}</span>
        <span className="number quiet">
          {day.per_hour === null ? say("per_hour_later") : say("per_hour", { count: day.per_hour })}
        </span>
        {day.overdue > 0 && (
          <span className="number tone-waits">{say("overdue_count", { count: day.overdue })}</span>
        )}
        {day.left !== null && (
          <span className="number quiet">{say("left", { count: day.left })}</span>
        )}
      </Flex>
      {day.rest && (
        <Alert
          type="warning"
          showIcon
          title={say("rest", { minutes: day.streak_minutes })}
          description={say("rest_why")}
        />
      )}
    </Flex>
  );
}

import type { components } from "@/api/schema";
import { Rate } from "@/ui/value";
import { useGoal } from "./words";

/** The rate so far; of too few people that nothing can be said yet. */
export function Reached({ of }: { of: components["schemas"]["Goal"]["measured"] }) {
  const say = useGoal();
  if (of?.people && of.rate === null) return <>{say("too_few", { count: of.people })}</>;
  return <Rate of={of?.people ? of.rate : null} />;
}

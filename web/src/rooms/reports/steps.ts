import { useReports } from "./words";

const STEPS = ["sms", "call", "request", "human", "card", "gift", "other"] as const;

/** A step in words where it is one of the playbooks' own; else as its author named it. */
export function useStep(): (step: string) => string {
  const say = useReports();
  return (step) => {
    const known = STEPS.find((one) => one === step);
    return known ? say(`step_${known}`) : step;
  };
}

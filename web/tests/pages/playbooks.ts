import type { Looked } from "../page";

const step = (one: string): Looked => ({
  name: `playbook-start-${one}`,
  path: `/journeys/playbooks/lapsed-recall/start?step=${one}`,
  ready: ".play-stage h2",
});

export const pages: Looked[] = [
  { name: "playbooks", path: "/journeys/playbooks", phone: true, ready: ".play-figures" },
  {
    name: "playbook",
    path: "/journeys/playbooks/cascade",
    phone: true,
    ready: ".play-figures",
  },
  { ...step("source"), phone: true },
  step("policy"),
  step("staff"),
  { ...step("settings"), phone: true },
  { ...step("confirm"), phone: true },
];

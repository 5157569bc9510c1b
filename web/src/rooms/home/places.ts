/** Where each thing that waits is looked after. */
export const PLACES: Record<string, string> = {
  provider_down: "/settings/connections",
  events_parked: "/settings/parked",
  events_waiting: "/settings/parked",
  visits_parked: "/journeys",
  gift_short: "/settings/warehouses?part=stock",
  gift_low: "/settings/warehouses?part=stock",
  promises_expiring: "/customers/promises",
  subscribers_stopped: "/settings/subscribers",
  sweep_late: "/settings/connections",
  nobody_works: "/settings/connections",
  approvals_waiting: "/journeys",
  tasks_overdue: "/tasks/team",
  tasks_unassigned: "/tasks/team",
  claims_open: "/customers/match",
  friends_unmatched: "/customers/match",
  touches_in_doubt: "/reports/withheld",
};

import { rooms } from "@/rooms";

/** Where each thing that waits is looked after: the first of these that a room serves. */
const PLACES: Record<string, readonly string[]> = {
  provider_down: ["/settings/connections", "/settings"],
  events_parked: ["/settings/parked", "/settings/events"],
  events_waiting: ["/settings/parked", "/settings/events"],
  visits_parked: ["/journeys"],
  gift_short: ["/settings/stock", "/settings/gifts", "/settings/prices", "/customers/parcels"],
  gift_low: ["/settings/stock", "/settings/gifts", "/settings/prices", "/customers/parcels"],
  promises_expiring: ["/customers/promises", "/customers/parcels"],
  subscribers_stopped: ["/settings/webhooks", "/settings/subscribers", "/settings/connections"],
  sweep_late: ["/settings/connections", "/settings"],
  nobody_works: ["/settings/connections", "/settings"],
  approvals_waiting: ["/journeys/approvals", "/journeys"],
  tasks_overdue: ["/tasks/team", "/tasks"],
  tasks_unassigned: ["/tasks/team", "/tasks"],
  claims_open: ["/customers/match", "/customers"],
  friends_unmatched: ["/customers/match", "/customers"],
  touches_in_doubt: ["/reports/withheld"],
};

export function placeOf(code: string): string | undefined {
  const served = new Set(rooms.flatMap((room) => room.routes.map((route) => route.path)));
  return PLACES[code]?.find((path) => served.has(path));
}

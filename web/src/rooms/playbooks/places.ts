export const UNDER = "/journeys/playbooks";

export const placeOf = (name: string) => `${UNDER}/${encodeURIComponent(name)}`;

/** Where something that a playbook needs is put in place. */
export function whereToGet(what: string, name: string): string {
  if (what === "playbook") return placeOf(name);
  if (what === "connector") return `/settings/connections/${encodeURIComponent(name)}`;
  if (what === "fact" && name.startsWith("order.")) return "/settings/imports";
  if (what === "fact" && name === "stock.counted") return "/settings/warehouses";
  return "/settings/connections";
}

import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useNames } from "@/ui/names";
import { useLanguage } from "@/ui/words";
import { asksOf, type FormName } from "./asks";

export type Option = { value: string; label: string };
/** What a field that takes this can name, with what it is called. */
export type Known = (takes: string) => Option[];

const FRESH = { staleTime: 60_000 };

function takenBy(form: string, seen: Set<string> = new Set()): Set<string> {
  for (const one of asksOf(form)) {
    seen.add(one.takes);
    if (one.form) takenBy(one.form, seen);
  }
  return seen;
}

const called = (value: string, name: string): Option => ({
  value,
  label: name && name !== value ? `${name} (${value})` : value,
});

/** Asks the server for what this form's fields name, as far as one may see it. */
export function useKnown(form: FormName): Known {
  const may = useMay();
  const names = useNames();
  const [language] = useLanguage();
  const takes = takenBy(form);
  const on = (some: readonly string[], permission: Parameters<typeof may>[0]) => ({
    ...FRESH,
    enabled: may(permission) && some.some((one) => takes.has(one)),
  });
  const catalogued = ["segment", "offer", "material", "channel"];
  const catalogue = api.useQuery("get", "/api/v1/catalogue", {}, on(catalogued, "journeys.read"));
  const ways = api.useQuery("get", "/api/v1/ways", {}, on(["way"], "ways.read"));
  const plans = api.useQuery("get", "/api/v1/groups/plans", {}, on(["plan"], "groups.read"));
  const groups = api.useQuery("get", "/api/v1/groups", {}, on(["chat"], "groups.read"));
  const staff = api.useQuery("get", "/api/v1/staff", {}, on(["staff", "store"], "staff.read"));
  const slots = api.useQuery("get", "/api/v1/slots", {}, on(["service"], "offers.read"));
  const found: Record<string, () => Option[]> = {
    segment: () => (catalogue.data?.segments ?? []).map((one) => called(one, "")),
    offer: () =>
      (catalogue.data?.offers ?? []).map((one) => called(one.code, names.offer(one.code))),
    material: () => (catalogue.data?.materials ?? []).map((one) => called(one.code, one.title)),
    channel: () => (catalogue.data?.codes ?? []).map((one) => called(one, "")),
    way: () =>
      (ways.data?.ways ?? [])
        .filter((one) => one.kind === "group")
        .map((one) => called(one.state, one.title)),
    plan: () => (plans.data?.plans ?? []).map((one) => called(one.code, one.title[language] ?? "")),
    chat: () => (groups.data?.groups ?? []).map((one) => called(one.title || one.chat, "")),
    staff: () =>
      (staff.data?.staff ?? [])
        .filter((one) => one.active)
        .map((one) => called(one.code, one.name)),
    store: () => (staff.data?.stores ?? []).map((one) => called(one.code, one.name)),
    service: () =>
      (slots.data?.services ?? []).map((one) => called(one.code, one.title[language] ?? "")),
  };
  return (one) => {
    const options = found[one]?.() ?? [];
    return [...new Map(options.map((option) => [option.value, option])).values()];
  };
}

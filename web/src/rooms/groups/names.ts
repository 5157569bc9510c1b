import { api } from "@/api/client";
import { useMay } from "@/api/session";

/** Everybody who works here, for those who may see it. */
export function usePeople(): { value: string; label: string }[] {
  const may = useMay();
  const { data } = api.useQuery("get", "/api/v1/staff", {}, { enabled: may("staff.read") });
  return (data?.staff ?? [])
    .filter((one) => one.active)
    .map((one) => ({ value: one.code, label: one.name }));
}

/** Code → name; the code itself where nobody is known by it. */
export function useNames(): (code: string) => string {
  const people = usePeople();
  const names = new Map(people.map((one) => [one.value, one.label]));
  return (code) => names.get(code) ?? code;
}

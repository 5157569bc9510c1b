import { useSearchParams } from "react-router";

/** Filters live in the URL, so that a view can be sent to a colleague and the back button works. */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [Record<Name, string>, (change: Partial<Record<Name, string>>) => void] {
  const [params, setParams] = useSearchParams();
  const found = Object.fromEntries(names.map((name) => [name, params.get(name) ?? ""]));
  const set = (change: Partial<Record<Name, string>>) => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries(change) as [string, string][]) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    });
  };
  return [found as Record<Name, string>, set];
}

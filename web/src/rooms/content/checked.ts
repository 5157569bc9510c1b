import { api } from "@/api/client";
import { useSettled } from "@/ui/settled";
import { placed, read } from "./draft";

const PAUSE = 500; // milliseconds without a change before the server is asked

/** What the server finds in a text, a moment after the last change: problems keep it out, advice does not. */
export function useChecked(text: string) {
  const settled = useSettled(text, PAUSE);
  const query = api.useQuery(
    "post",
    "/api/v1/materials/check",
    { body: { text: settled, draft: false, by: "" } },
    { enabled: settled.trim() !== "", staleTime: 60_000 },
  );
  const said = read(settled);
  const problems = query.data?.problems ?? [];
  const advice = query.data?.advice ?? [];
  return {
    busy: settled !== text || query.isFetching,
    error: query.error,
    known: query.data !== undefined && settled === text,
    problems,
    advice,
    wrong: placed(settled, said, problems),
    better: placed(settled, said, advice),
  };
}

export type Checked = ReturnType<typeof useChecked>;

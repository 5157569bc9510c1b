import { MutationCache, QueryClient } from "@tanstack/react-query";
import { i18n } from "@/ui/words";
import type { Failure } from "./client";

/** What is asked is kept while it is looked at; whatever was written, everything on screen is asked anew. */
export const queries: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (times, error) => times < 2 && (error as unknown as Failure).status >= 502,
      refetchOnWindowFocus: true,
    },
  },
  mutationCache: new MutationCache({ onSettled: () => void queries.invalidateQueries() }),
});

/** What the server says in words comes in the language of the page, so it is asked anew in the other. */
i18n.on("languageChanged", () => void queries.invalidateQueries());

/** Ask again all that the pages show of these routes: `refresh("/api/v1/tasks")`. */
export function refresh(...prefixes: string[]): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => prefixes.some((one) => String(queryKey[1]).startsWith(one)),
  });
}

import { api, ended, type Failure } from "./client";
import { queries } from "./queries";
import type { components } from "./schema";

/** Who is here, what they may do, whose customers they see. */
export type Here = components["schemas"]["Me"];

const PATH = "/api/v1/session";
const KEY = ["get", PATH, {}];

ended.tell = () => queries.setQueryData(KEY, null);

/** Who is here; null: nobody has signed in. */
export function useSession() {
  const asked = api.useQuery("get", PATH, {}, { staleTime: 60_000 });
  return { ...asked, error: asked.error as unknown as Failure | null };
}

/** May whoever is here do this? Pages hide what would be refused; the server decides. */
export function useMay(): (permission: string) => boolean {
  const { data } = useSession();
  return (permission) => data?.permissions.includes(permission) ?? false;
}

export function useSignIn() {
  const act = api.useMutation("post", PATH, {
    onSuccess: (here) => {
      queries.removeQueries();
      queries.setQueryData(KEY, here);
    },
  });
  return { ...act, error: act.error as unknown as Failure | null };
}

export function useSignOut(after: () => void) {
  return api.useMutation("delete", PATH, {
    onSettled: () => {
      queries.removeQueries();
      queries.setQueryData(KEY, null);
      after();
    },
  });
}

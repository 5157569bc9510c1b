import { useEffect } from "react";
import { api, ended, type Failure } from "./client";
import { queries } from "./queries";
import type { components } from "./schema";

/** Who is here, what they may do, whose customers they see. */
export type Here = components["schemas"]["Me"];

const PATH = "/api/v1/session";
const KEY = ["get", PATH, {}];

ended.tell = () => queries.setQueryData(KEY, null);

/** What the one before has seen is not for the next one; who is here is still looked at by the door. */
function forget(): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== PATH });
}

/** Who is here; null: nobody has signed in. */
export function useSession() {
  const asked = api.useQuery("get", PATH, {}, { staleTime: 60_000 });
  const nobody = asked.data === undefined && (asked.error as unknown as Failure)?.status === 401;
  useEffect(() => {
    if (nobody) queries.setQueryData(KEY, null); // an answer: what is typed at the door stays there
  }, [nobody]);
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
      forget();
      queries.setQueryData(KEY, here);
    },
  });
  return { ...act, error: act.error as unknown as Failure | null };
}

export function useSignOut(after: () => void) {
  return api.useMutation("delete", PATH, {
    onSettled: () => {
      forget();
      queries.setQueryData(KEY, null);
      after();
    },
  });
}

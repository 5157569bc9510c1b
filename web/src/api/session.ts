import { api, ended, type Failure } from "./client";
import { queries } from "./queries";

/** Who is here, what they may do, whose customers they see. */
export interface Here {
  code: string;
  name: string;
  role: string | null;
  permissions: string[];
  must_change: boolean;
  scope: { kind: string; place: string; name: string };
  brand: { name: string; locale: string; time_zone: string; currency: string };
  now?: string;
}

const PATH = "/api/v1/session" as never;
const KEY = ["get", PATH, {}];

ended.tell = () => queries.setQueryData(KEY, null);

/** Who is here; null: nobody has signed in. */
export function useSession() {
  const asked = api.useQuery(
    "get",
    PATH,
    {} as never,
    {
      retry: (times: number, error: unknown) => times < 2 && (error as Failure).status >= 502,
      staleTime: 60_000,
    } as never,
  );
  return asked as unknown as {
    data: Here | null | undefined;
    error: Failure | null;
    isPending: boolean;
    refetch: () => unknown;
  };
}

/** May whoever is here do this? Pages hide what would be refused; the server decides. */
export function useMay(): (permission: string) => boolean {
  const { data } = useSession();
  return (permission) => data?.permissions.includes(permission) ?? false;
}

type Act<Said> = { mutate: (said: Said) => void; error: Failure | null; isPending: boolean };

export function useSignIn(): Act<{ body: { code: string; password: string } }> {
  return api.useMutation("post", PATH, {
    onSuccess: (here: Here) => {
      queries.removeQueries();
      queries.setQueryData(KEY, here);
    },
  } as never) as never;
}

export function useSignOut(after: () => void): Act<Record<string, never>> {
  return api.useMutation("delete", PATH, {
    onSettled: () => {
      queries.removeQueries();
      queries.setQueryData(KEY, null);
      after();
    },
  } as never) as never;
}

import createFetchClient, { type Middleware } from "openapi-fetch";
import createClient from "openapi-react-query";
import { useRef } from "react";
import { i18n } from "@/ui/words";
import type { paths } from "./schema";

export type Place = { where: string; why: string; line?: number | null };

/** What the server refused, or could not do, in its own words (RFC 9457); `status` 0: out of reach. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Place[];
  /** Seconds after which it may be asked again, where the server said so. */
  readonly again: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    problems: readonly Place[] = [],
    again: number | null = null,
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.problems = problems;
    this.again = again;
  }
}

/** The session is over: somebody has to sign in again. Set by the frame. */
export const ended = { tell: () => {} };

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

const doors: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", i18n.language);
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", cookie("siyu_csrf"));
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return response;
    const again = Number(response.headers.get("Retry-After")) || null;
    const said = await response.json().catch(() => ({}));
    const code = said.code ?? (response.status >= 502 ? "gone" : "error");
    if (response.status === 401 && schemaPath !== "/api/v1/session") ended.tell();
    throw new Failure(response.status, code, said.detail ?? "", said.problems ?? [], again);
  },
  onError({ error }) {
    return error instanceof Failure ? error : new Failure(0, "gone", "");
  },
};

export const fetcher = createFetchClient<paths>({ baseUrl: window.location.origin });
fetcher.use(doors);

/** Typed hooks over every route: `api.useQuery("get", "/api/v1/staff")`. The only way to the server. */
export const api = createClient(fetcher);

type Init = { headers?: Record<string, string> };

/**
 * `api.useMutation` for what people press: while one is under way a second press does nothing, and
 * the same intent tried again after a failure carries the same Idempotency-Key, so that it is done once.
 */
export const useAct: typeof api.useMutation = ((
  method: never,
  path: never,
  options: {
    onSettled?: (...all: unknown[]) => unknown;
    onSuccess?: (...all: unknown[]) => unknown;
  },
) => {
  const busy = useRef(false);
  const intent = useRef({ said: "", key: "" });
  const mutation = api.useMutation(method, path, {
    ...options,
    onSuccess: (...all: unknown[]) => {
      intent.current = { said: "", key: "" };
      return options?.onSuccess?.(...all);
    },
    onSettled: (...all: unknown[]) => {
      busy.current = false;
      return options?.onSettled?.(...all);
    },
  } as never) as unknown as {
    mutate: (init: Init, more?: unknown) => void;
    mutateAsync: (init: Init, more?: unknown) => Promise<unknown>;
  };

  const keyed = (init: Init): Init => {
    const said = JSON.stringify(init);
    if (intent.current.said !== said) intent.current = { said, key: crypto.randomUUID() };
    return { ...init, headers: { ...init?.headers, "Idempotency-Key": intent.current.key } };
  };
  return {
    ...mutation,
    mutate: (init: Init, more?: unknown) => {
      if (busy.current) return;
      busy.current = true;
      mutation.mutate(keyed(init), more);
    },
    mutateAsync: async (init: Init, more?: unknown) => {
      if (busy.current) throw new Failure(409, "under_way", "");
      busy.current = true;
      return mutation.mutateAsync(keyed(init), more);
    },
  };
}) as unknown as typeof api.useMutation;

import { api } from "@/api/client";
import { useSettled } from "./settled";

const REST = 200; // milliseconds without a key pressed

/** Who these words could mean, once nobody has typed for a moment. In the body, never in a URL. */
export function useFound(text: string) {
  const plain = text.trim();
  const said = useSettled(plain, REST);
  const query = api.useQuery(
    "post",
    "/api/v1/customers/find",
    { body: { text: said } },
    { enabled: said.length > 1, staleTime: 5_000, gcTime: 0 },
  );
  const asked = said.length > 1 && said === plain;
  return { found: asked ? query.data : undefined, asked, error: query.error };
}

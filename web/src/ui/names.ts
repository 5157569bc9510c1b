import { api } from "@/api/client";
import { useLanguage } from "./words";

const FRESH = 60_000; // milliseconds: names change with a new shop or a published text

/** What people call a journey, an offer, a shop; a code that has no name yet is shown as it is. */
export function useNames() {
  const [language] = useLanguage();
  const { data } = api.useQuery("get", "/api/v1/names", {}, { staleTime: FRESH });
  return {
    journey: (code: string) => data?.journeys[code]?.[language] || code,
    offer: (code: string) => data?.offers[code]?.[language] || code,
    shop: (code: string) => data?.shops[code] || code,
  };
}

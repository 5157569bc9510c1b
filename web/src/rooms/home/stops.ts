import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import { useStop } from "./words";

/** What is stopped now; asked by every page. */
export function useStops() {
  const { data } = api.useQuery("get", "/api/v1/stops");
  return data?.stopped ?? [];
}

/** A scope in words: all, channel:sms, journey:cascade. */
export function useScope(): (scope: string) => string {
  const say = useStop();
  const code = useCode();
  const names = useNames();
  return (scope) => {
    const [kind, name = ""] = scope.split(":", 2);
    if (kind === "channel") return say("of_channel", { name: code("channel", name) });
    if (kind === "journey") return say("of_journey", { name: names.journey(name) });
    return say("everything");
  };
}

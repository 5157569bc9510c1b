import { Page } from "@/ui/page";
import { useHome } from "./words";

export function Component() {
  const say = useHome();
  return <Page title={say("title")}>{null}</Page>;
}

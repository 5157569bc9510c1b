import { Navigate } from "react-router";
import { useMay } from "@/api/session";
import { tabsAt } from "@/rooms";
import { Page } from "@/ui/page";
import { Nothing } from "@/ui/states";
import { useSettings } from "./words";

/** The first page of the settings that whoever is here may see. */
export function Component() {
  const say = useSettings();
  const may = useMay();
  const first = tabsAt("/settings").find((tab) => tab.needs.some(may));
  if (first) return <Navigate to={first.path} replace />;
  return (
    <Page title={say("settings")}>
      <Nothing what={say("nothing_for_you")} />
    </Page>
  );
}

import { useState } from "react";
import { useNow } from "@/ui/clock";
import { Page } from "@/ui/page";
import { Owed } from "./owed";
import { useOrders } from "./words";
import "./orders.css";

const SOON = 48 * 3_600_000; // as long as home looks ahead

/** Promises that end soon and are not kept: what home counts. */
export function Component() {
  const say = useOrders();
  const now = useNow();
  const [until] = useState(() => new Date(now.getTime() + SOON).toISOString());
  return (
    <Page title={say("ending")}>
      <Owed until={until} />
    </Page>
  );
}

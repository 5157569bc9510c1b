import { Segmented } from "antd";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Differences } from "./differences";
import { Houses } from "./houses";
import { Picks } from "./picks";
import { Shipped } from "./shipped";
import { Stock } from "./stock";
import { useWarehouses } from "./words";
import "./warehouses.css";

const PARTS = {
  houses: { needs: "settings.read", Part: Houses },
  picks: { needs: "parcels.read", Part: Picks },
  shipped: { needs: "imports.write", Part: Shipped },
  differences: { needs: "parcels.read", Part: Differences },
  stock: { needs: "settings.read", Part: Stock },
} as const;
type Name = keyof typeof PARTS;

/** Until when parcels can change, what goes in, what went in, and what lies on the shelf. */
export function Component() {
  const say = useWarehouses();
  const may = useMay();
  const [{ part }, set] = useFilters(["part"]);
  const there = (Object.keys(PARTS) as Name[]).filter((name) => may(PARTS[name].needs));
  const name = there.find((one) => one === part) ?? there[0] ?? "picks";
  const { Part } = PARTS[name];
  return (
    <Page title={say("title")} under={say(`${name}_under`)}>
      <div className="filters">
        <Segmented
          aria-label={say("title")}
          value={name}
          options={there.map((one) => ({ value: one, label: say(one) }))}
          onChange={(chosen) => set({ part: chosen })}
        />
      </div>
      <Part />
    </Page>
  );
}

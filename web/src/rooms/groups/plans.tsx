import { Button, Segmented } from "antd";
import { lazy, Suspense, useState } from "react";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Days } from "./days";
import { Odd } from "./odd";
import { Plans } from "./plan";
import { usePlans } from "./plans.words";
import { Posts } from "./posts";
import "./groups.css";

const Write = lazy(() => import("./write"));
const PARTS = { plans: Plans, posts: Posts, odd: Odd, days: Days } as const;
type Name = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Name[];

/** Groups by what they are for: their plans, what is said in them, who is in the wrong ones. */
export function Component() {
  const say = usePlans();
  const may = useMay()("ways.write");
  const [{ part }, set] = useFilters(["part"]);
  const [code, write] = useState<string | null>(null); // empty: a new one
  const name = NAMES.find((one) => one === part) ?? "plans";
  const Part = PARTS[name];
  return (
    <Page
      title={say("title")}
      under={say("under")}
      primary={
        may && (
          <Button type="primary" onClick={() => write("")}>
            {say("new")}
          </Button>
        )
      }
    >
      <div className="group-parts">
        <Segmented
          aria-label={say("title")}
          value={name}
          options={NAMES.map((one) => ({ value: one, label: say(`part_${one}`) }))}
          onChange={(chosen) => set({ part: chosen === "plans" ? "" : chosen })}
        />
      </div>
      <Part open={write} />
      <Suspense fallback={<Soon />}>
        {code !== null && <Write code={code} readOnly={!may} close={() => write(null)} />}
      </Suspense>
    </Page>
  );
}

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
const BLANK = `group: ""
title: {zh: "", en: ""}
admission: ""
apart_from: []
chats: ["*"]
way: ""
capacity: 500
roll_over: 0.9
calendar:
  - {on: mon-fri, at: "20:00", say: ""}
`;

/** Groups by what they are for: their plans, what is said in them, who is in the wrong ones. */
export function Component() {
  const say = usePlans();
  const may = useMay()("ways.write");
  const [{ part }, set] = useFilters(["part"]);
  const [text, write] = useState<string | null>(null);
  const name = NAMES.find((one) => one === part) ?? "plans";
  const Part = PARTS[name];
  return (
    <Page
      title={say("title")}
      under={say("under")}
      primary={
        may && (
          <Button type="primary" onClick={() => write(BLANK)}>
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
        {text !== null && <Write begin={text} readOnly={!may} close={() => write(null)} />}
      </Suspense>
    </Page>
  );
}

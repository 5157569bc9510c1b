import { AimOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { useLanguage } from "@/ui/words";
import { useWhole } from "./whole";
import { useGoal } from "./words";

const SOON = 1_000; // milliseconds
const GoalDrawer = lazy(() => import("./goal-drawer"));

/** What the pool is worked for, and how far it is: beside the brand's name on every page. */
export default function Goal() {
  return useWhole()("overview.read") ? <Declared /> : null;
}

function Declared() {
  const say = useGoal();
  const code = useCode();
  const [language] = useLanguage();
  const [open, setOpen] = useState(false);
  const { data } = api.useQuery(
    "get",
    "/api/v1/goal",
    {},
    {
      staleTime: 60_000,
      refetchInterval: (asked) => (asked.state.data?.goal?.working ? SOON : false),
    },
  );
  if (!data) return null;
  const { goal } = data;
  const { people = 0, rate: reached = null } = goal?.measured ?? {};
  const few = people > 0 && reached === null;
  const now = few
    ? say("too_few", { count: people })
    : people > 0 && rate(reached ?? 0, language, 1);
  const words = goal
    ? [
        code("goal", goal.kind),
        now
          ? `${now} / ${rate(goal.target ?? 0, language, 0)}`
          : goal.target
            ? say("target_is", { rate: rate(goal.target, language, 0) })
            : "",
      ]
    : [say("none")];
  return (
    <>
      <Button
        type="text"
        size="small"
        className="goal-button number"
        icon={<AimOutlined />}
        onClick={() => setOpen(true)}
      >
        {words.filter(Boolean).join(" ")}
      </Button>
      {open && (
        <Suspense fallback={<Soon />}>
          <GoalDrawer goal={goal ?? null} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

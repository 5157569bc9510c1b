import { Button, Drawer, Flex, Form, InputNumber, Radio, Typography } from "antd";
import { useState } from "react";
import { useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import vocabulary from "@/api/vocabulary.json";
import { useCode } from "@/ui/codes";
import { day, minute } from "@/ui/format";
import { Problem } from "@/ui/states";
import { Rate } from "@/ui/value";
import { Reached } from "./reached";
import { useGoal } from "./words";

type Goal = components["schemas"]["Goal"];
type Kind = Goal["kind"];
const MEASURED: readonly Kind[] = ["growth", "repurchase"];

/** The goal, how it is measured, and who said so; whoever may, sets another one. */
export default function GoalDrawer({ goal, close }: { goal: Goal | null; close: () => void }) {
  const say = useGoal();
  const may = useMay()("goal.write");
  return (
    <Drawer open title={say("drawer")} onClose={close} size={440}>
      <Flex vertical gap={16}>
        {goal && <Now goal={goal} />}
        <Typography.Text type="secondary">{say("one")}</Typography.Text>
        {may ? (
          <Change goal={goal} close={close} />
        ) : (
          <Typography.Text>{say("may_not")}</Typography.Text>
        )}
      </Flex>
    </Drawer>
  );
}

function Now({ goal }: { goal: Goal }) {
  const say = useGoal();
  const code = useCode();
  const { measured } = goal;
  return (
    <div className="panel">
      <strong>{code("goal", goal.kind)}</strong>
      {goal.target !== null && (
        <div className="number">
          {say(goal.kind === "growth" ? "growth_is" : "repurchase_is", { days: goal.days ?? 0 })}{" "}
          <Reached of={measured} /> / <Rate of={goal.target} digits={0} />
        </div>
      )}
      {measured && (
        <div className="quiet number">
          {measured.people
            ? say("measured", {
                since: day(measured.since),
                until: day(measured.until),
                people: measured.people,
                hits: measured.hits,
                days: goal.days ?? 0,
              })
            : say("unmeasured")}
        </div>
      )}
      <div className="quiet number">{say("said", { by: goal.by, at: minute(goal.since) })}</div>
    </div>
  );
}

function Change({ goal, close }: { goal: Goal | null; close: () => void }) {
  const say = useGoal();
  const code = useCode();
  const [kind, setKind] = useState<Kind>(goal?.kind ?? "growth");
  const [target, setTarget] = useState<number | null>(goal?.target ? goal.target * 100 : null);
  const [days, setDays] = useState<number | null>(goal?.days ?? 14);
  const act = useAct("put", "/api/v1/goal", { onSuccess: close });
  const measured = MEASURED.includes(kind);
  const body = measured
    ? { kind, target: (target ?? 0) / 100, days: days ?? 0, by: "" }
    : { kind, target: null, days: null, by: "" };
  return (
    <Form layout="vertical" onFinish={() => act.mutate({ body })}>
      <Form.Item label={say("goal")}>
        <Radio.Group
          aria-label={say("goal")}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          options={(Object.keys(vocabulary.goal) as Kind[]).map((one) => ({
            value: one,
            label: code("goal", one),
          }))}
        />
        <div className="quiet">{say(`${kind}_why`)}</div>
      </Form.Item>
      {measured && (
        <Flex gap={12}>
          <Form.Item label={say("target")} htmlFor="goal-target" required>
            <InputNumber
              id="goal-target"
              min={0.1}
              max={100}
              precision={1}
              suffix="%"
              value={target}
              onChange={setTarget}
            />
          </Form.Item>
          <Form.Item label={say("days")} htmlFor="goal-days" required>
            <InputNumber
              id="goal-days"
              min={1}
              max={180}
              precision={0}
              value={days}
              onChange={setDays}
            />
          </Form.Item>
        </Flex>
      )}
      <Problem error={act.error} />
      <Button
        type="primary"
        htmlType="submit"
        block
        loading={act.isPending}
        disabled={measured && (!target || !days)}
      >
        {say("set")}
      </Button>
    </Form>
  );
}

import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Flex, Input, Select } from "antd";
import { useId, useState } from "react";
import { whereOf } from "@/ui/text/spots";
import type { Desk } from "./board-desk";
import { Field, within } from "./board-field";
import { connect, moveStep } from "./edits";
import { JOURNEY, kindOf, placeOf } from "./forms";
import { at, goesOn, type PlanStep, pathOf } from "./plan";

/** The fields of the step that is chosen, or of the journey itself. */
export function Side(props: {
  desk: Desk;
  step: PlanStep | undefined;
  isNew: boolean;
  choose: (id: string) => void;
  remove: (id: string) => void;
}) {
  return props.step ? (
    <StepSide key={props.step.id} {...props} step={props.step} />
  ) : (
    <HeadSide {...props} />
  );
}

function HeadSide({ desk, isNew }: { desk: Desk; isNew: boolean }) {
  const { say, plan, problems } = desk;
  const fields = JOURNEY.filter((one) => one.takes !== "steps");
  const others = problems.filter(
    (one) =>
      !one.where.startsWith("steps[") && !fields.some((asks) => within(one.where, asks.name)),
  );
  return (
    <div className="board-side">
      <p className="quiet">{say("choose_step")}</p>
      <Wrong found={others} />
      {fields.map((asks) => {
        if (asks.name === "journey" && !isNew) return null; // its code is its name for good
        return (
          <Field
            key={asks.name}
            desk={desk}
            asks={asks}
            value={plan.said[asks.name] ?? undefined}
            path={[asks.name]}
            id=""
            set={desk.set}
          />
        );
      })}
    </div>
  );
}

function StepSide(props: {
  desk: Desk;
  step: PlanStep;
  choose: (id: string) => void;
  remove: (id: string) => void;
}) {
  const { desk, step, choose, remove } = props;
  const { say, language, plan } = desk;
  const kind = kindOf(step.kind);
  const fields = kind?.fields ?? [];
  const claimed = [
    whereOf(pathOf(step, "id")),
    whereOf(pathOf(step, "go")),
    ...(kind ? fields.map((asks) => whereOf(pathOf(step, ...placeOf(kind, asks)))) : []),
  ];
  const others = desk.problems.filter(
    (one) =>
      within(one.where, whereOf(pathOf(step))) &&
      !claimed.some((place) => within(one.where, place)),
  );
  const required = fields.filter((one) => one.required);
  const optional = fields.filter((one) => !one.required);
  return (
    <div className="board-side">
      <Flex justify="space-between" align="center" gap={8}>
        <h3 className="board-h3">{kind?.title[language] ?? say("unknown_kind")}</h3>
        <Flex gap={4}>
          <Button
            size="small"
            icon={<ArrowUpOutlined />}
            aria-label={say("up")}
            title={say("up")}
            disabled={step.place === 0}
            onClick={() => desk.put(moveStep(desk.text, step.id, -1))}
          />
          <Button
            size="small"
            icon={<ArrowDownOutlined />}
            aria-label={say("down")}
            title={say("down")}
            disabled={step.place === plan.steps.length - 1}
            onClick={() => desk.put(moveStep(desk.text, step.id, 1))}
          />
          <Button
            size="small"
            danger
            icon={<DeleteOutlined />}
            aria-label={say("remove")}
            title={say("remove")}
            onClick={() => remove(step.id)}
          />
        </Flex>
      </Flex>
      {kind && <p className="quiet small board-about">{kind.about[language]}</p>}
      <Wrong found={others} />
      <Name desk={desk} step={step} choose={choose} />
      {kind &&
        [...required, ...optional].map((asks) => {
          const place = placeOf(kind, asks);
          return (
            <Field
              key={asks.name}
              desk={desk}
              asks={asks}
              value={at(step.said, place)}
              path={pathOf(step, ...place)}
              id={step.id}
              set={desk.set}
            />
          );
        })}
      {goesOn(step) && <Then desk={desk} step={step} />}
    </div>
  );
}

function Wrong({ found }: { found: Desk["problems"] }) {
  return found.map((one) => (
    <p key={one.where + one.why} className="board-wrong" role="alert" data-raw>
      {one.why}
    </p>
  ));
}

/** A name is taken when it is whole: ways that lead here follow it. */
function Name({
  desk,
  step,
  choose,
}: {
  desk: Desk;
  step: PlanStep;
  choose: (id: string) => void;
}) {
  const { say, plan } = desk;
  const [typed, type] = useState(step.id);
  const id = useId();
  const taken = plan.steps.some((one) => one.id === typed && one !== step);
  const take = () => {
    if (!typed || taken || typed === step.id) return type(step.id);
    desk.set(pathOf(step, "id"), typed);
    choose(typed);
  };
  return (
    <div className="board-field">
      <label htmlFor={id}>{say("id")}</label>
      <Input
        id={id}
        value={typed}
        maxLength={60}
        {...(taken && { status: "error" as const })}
        onChange={(event) => type(event.target.value.trim())}
        onBlur={take}
        onPressEnter={take}
      />
      <span className="quiet small">{say("id_help")}</span>
      <Wrong found={desk.problems.filter((one) => one.where === whereOf(pathOf(step, "id")))} />
    </div>
  );
}

/** Where it goes on: to the next step of the text, or to one that is named. */
function Then({ desk, step }: { desk: Desk; step: PlanStep }) {
  const { say, plan } = desk;
  const id = useId();
  const next = plan.steps[step.place + 1]?.id;
  const go = typeof step.said.go === "string" ? step.said.go : "";
  const others = plan.steps.filter((one) => one !== step && one.id !== next).map((one) => one.id);
  const wrong = desk.problems.filter((one) => one.where === whereOf(pathOf(step, "go")));
  return (
    <div className="board-field">
      <label htmlFor={id}>{say("goes_on")}</label>
      <Select
        id={id}
        showSearch
        value={go === next ? "" : go}
        options={[
          { value: "", label: next ? say("goes_next", { next }) : say("goes_end") },
          ...others.map((value) => ({ value, label: value })),
        ]}
        onChange={(to: string) =>
          desk.put(
            to
              ? connect(desk.text, step.id, to, true)
              : connect(desk.text, step.id, next ?? "", true),
          )
        }
      />
      <Wrong found={wrong} />
    </div>
  );
}

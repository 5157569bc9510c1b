import { RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Alert, App, Button, Flex, Segmented } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import Board, { HEAD, Palette } from "./board";
import { useBoard } from "./board.words";
import { useDesk } from "./board-desk";
import { Side } from "./board-side";
import "./board.css";
import { addAt, afterwards, freshId, removeStep } from "./edits";
import { goesOn, type Plan, planOf } from "./plan";
import { type Base, Discard, Leaving, MovedOn, Text, Verdict, type Writing } from "./writing";

interface Props {
  detail: Base;
  writing: Writing;
  first?: string; // the step that is chosen to begin with
  isNew?: boolean;
  children?: ReactNode; // what stands above the canvas
}

/** The canvas with the fields of a step beside it, or the text: all of them say the same. */
export default function Edit(props: Props) {
  const { detail, writing, children } = props;
  const say = useBoard();
  const [shown, show] = useState<"fields" | "text">("fields");
  const [chosen, choose] = useState(props.first ?? HEAD);
  const read = useMemo(() => planOf(writing.text), [writing.text]);
  const step = read?.steps.find((one) => one.id === chosen);
  const side = (
    <Segmented
      block
      aria-label={say("side")}
      value={shown}
      onChange={show}
      options={[
        { value: "fields", label: say("fields") },
        { value: "text", label: say("text") },
      ]}
    />
  );
  if (!read || shown === "text")
    return (
      <div className="journey-now board-now">
        <Left {...props} plan={read} chosen={chosen} choose={choose}>
          {children}
        </Left>
        <div className="board-right">
          {side}
          <Text detail={detail} writing={writing} line={step?.line} />
        </div>
      </div>
    );
  return (
    <div className="journey-now board-now">
      <Left {...props} plan={read} chosen={chosen} choose={choose}>
        {children}
      </Left>
      <div className="board-right">
        {side}
        {writing.edited && writing.base !== detail.latest && (
          <MovedOn detail={detail} writing={writing} />
        )}
        <Fields {...props} plan={read} chosen={chosen} choose={choose} />
        <Leaving edited={writing.edited} code={detail.code} />
      </div>
    </div>
  );
}

interface Chosen {
  chosen: string;
  choose: (id: string) => void;
}

/** The tools and the canvas. */
function Left(props: Props & Chosen & { plan: Plan | null }) {
  const { writing, plan, children } = props;
  const say = useBoard();
  const { undo, redo } = writing.undoing;
  return (
    <div className="panel journey-drawing">
      <Flex gap={8} align="center" wrap className="journey-head">
        {children}
        {plan && <Add {...props} plan={plan} />}
        <Flex gap={4}>
          <Button
            icon={<UndoOutlined />}
            aria-label={say("undo")}
            title={say("undo")}
            disabled={!undo}
            onClick={() => undo?.()}
          />
          <Button
            icon={<RedoOutlined />}
            aria-label={say("redo")}
            title={say("redo")}
            disabled={!redo}
            onClick={() => redo?.()}
          />
        </Flex>
        <Verdict writing={writing} />
        <Discard writing={writing} />
      </Flex>
      {plan ? (
        <Drawn {...props} plan={plan} />
      ) : (
        <Alert type="warning" showIcon title={say("unreadable")} />
      )}
    </div>
  );
}

const useHere = (writing: Writing, plan: Plan) =>
  useDesk(writing.text, plan, writing.checked?.problems ?? NONE, writing.undoing);
const NONE: never[] = [];

/** One more step: behind the one that is chosen, else where the journey ends. */
function Add({ writing, plan, chosen, choose }: Props & Chosen & { plan: Plan }) {
  const say = useBoard();
  const desk = useHere(writing, plan);
  const step = plan.steps.find((one) => one.id === chosen);
  const last = plan.steps.at(-1);
  const end = last && !goesOn(last) ? last.place : plan.steps.length;
  return (
    <Palette
      desk={desk}
      label={say("add")}
      add={(key) => {
        desk.put(addAt(desk.text, step && goesOn(step) ? step.place + 1 : end, key));
        choose(freshId(plan, key));
      }}
    >
      {say("add")}
    </Palette>
  );
}

function Drawn({ writing, plan, chosen, choose }: Props & Chosen & { plan: Plan }) {
  const say = useBoard();
  const desk = useHere(writing, plan);
  const remove = useRemove(writing, plan, choose);
  return (
    <>
      {plan.steps.length === 0 && <p className="quiet">{say("empty")}</p>}
      <Board desk={desk} chosen={chosen} choose={choose} remove={remove} />
      <p className="quiet small">{say("keys")}</p>
    </>
  );
}

function Fields({ writing, plan, chosen, choose, isNew = false }: Props & Chosen & { plan: Plan }) {
  const say = useBoard();
  const desk = useHere(writing, plan);
  const remove = useRemove(writing, plan, choose);
  const step = plan.steps.find((one) => one.id === chosen);
  return (
    <section className="panel board-fields" aria-label={say("fields")}>
      <Side desk={desk} step={step} isNew={isNew} choose={choose} remove={remove} />
    </section>
  );
}

/** Asked first, with what becomes of the ways that led there. */
function useRemove(writing: Writing, plan: Plan, choose: (id: string) => void) {
  const say = useBoard();
  const { modal } = App.useApp();
  return (id: string) => {
    const step = plan.steps.find((one) => one.id === id);
    if (!step) return;
    const { ways, to } = afterwards(plan, step);
    const content = to
      ? say(ways ? "remove_ways" : "remove_plain", { count: ways, to })
      : say("remove_last");
    modal.confirm({
      title: say("remove_sure", { id }),
      content,
      okText: say("remove"),
      cancelText: say("cancel"),
      okButtonProps: { danger: true },
      onOk: () => {
        writing.undoing.put(removeStep(writing.text, id));
        choose(to ?? HEAD);
      },
    });
  };
}

import { PlusOutlined } from "@ant-design/icons";
import {
  BaseEdge,
  type Connection,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Button, Dropdown } from "antd";
import { createContext, useContext, useMemo } from "react";
import type { Desk } from "./board-desk";
import { byMouse, Pulled, useCarried } from "./board-drag";
import { within } from "./board-field";
import { addOn, connect, freshId, moveStep, moveTo, rewireAll } from "./edits";
import { KINDS, kindOf, SHELVES } from "./forms";
import { Frame } from "./frame";
import { ENTRY, HEIGHT, type Line, labelled, path, place, WIDTH } from "./layout";
import { type PlanStep, refsOf, type Way } from "./plan";
import { useTongue, way as wayWords } from "./said";
import { gist, lineKey, sketchOf } from "./sketch";

export const HEAD = ""; // chosen: the journey itself

interface Shared {
  desk: Desk;
  chosen: string;
  choose: (id: string) => void;
  remove: (id: string) => void;
  ways: ReadonlyMap<string, Way[]>;
}

const Context = createContext<Shared | null>(null);
function useShared(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("outside of a board");
  return shared;
}

type StepNode = Node<{ step: PlanStep }, "step">;
type EntryNode = Node<Record<string, never>, "entry">;
type WayEdge = Edge<{ line: Line }, "way">;
const FIXED = { width: WIDTH, height: HEIGHT, draggable: false, selectable: false };

/** The drawing to change: laid out anew after every edit, nothing of it is kept but the text. */
export default function Board(props: Omit<Shared, "ways">) {
  const { desk, choose } = props;
  const sketch = useMemo(() => sketchOf(desk.plan, desk.sentence), [desk.plan, desk.sentence]);
  const drawn = useMemo(() => place(sketch), [sketch]);
  const spot = (id: string) => drawn.places[id] ?? { x: 0, y: 0 };
  const { carried, ...carrying } = useCarried(drawn, (id, onto) => {
    const place = (key: string) => sketch.nodes.findIndex((one) => one.id === key);
    desk.put(moveTo(desk.text, place(id), place(onto)));
    choose(id);
  });
  const nodes: (StepNode | EntryNode)[] = [
    { id: ENTRY, type: "entry", position: spot(ENTRY), data: {}, ...FIXED },
    ...sketch.nodes.map(
      ({ id, step }): StepNode => ({
        id,
        type: "step",
        position: spot(id),
        data: { step },
        ...FIXED,
        draggable: byMouse(),
        ...(carried?.id === id && { position: carried.at, className: "board-carried" }),
        ...(carried?.onto === id && { className: "board-onto" }),
      }),
    ),
  ];
  const edges = drawn.lines.map(
    (line): WayEdge => ({
      id: line.id,
      type: "way",
      source: line.source,
      target: line.to,
      data: { line },
    }),
  );
  const joined = ({ source, target }: Connection) => {
    if (source !== ENTRY && source !== target) desk.put(connect(desk.text, source, target));
    choose(source === ENTRY ? HEAD : source);
  };
  return (
    <Context value={{ ...props, ways: sketch.ways }}>
      <Frame
        drawn={drawn}
        className="journey-canvas board"
        label={desk.say("canvas")}
        onKeyDown={(event) => keys(event, props)}
      >
        {(viewport) => (
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODES}
            edgeTypes={EDGES}
            viewport={viewport}
            minZoom={0.2}
            panOnDrag={false}
            zoomOnScroll={false}
            zoomOnPinch={false}
            zoomOnDoubleClick={false}
            preventScrolling={false}
            nodesDraggable={false}
            selectNodesOnDrag={false}
            autoPanOnNodeDrag={false}
            autoPanOnConnect={false}
            nodesConnectable
            edgesReconnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            deleteKeyCode={null}
            onConnect={joined}
            {...carrying}
            proOptions={{ hideAttribution: true }}
          />
        )}
      </Frame>
    </Context>
  );
}

/** ↑ ↓ between steps, Alt moves one, Delete removes it, Ctrl+Z takes back. */
function keys(
  event: React.KeyboardEvent<HTMLElement>,
  { desk, choose, remove }: Omit<Shared, "ways">,
) {
  const { undo, redo } = desk.undoing;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    return event.shiftKey ? redo?.() : undo?.();
  }
  const id = (event.target as HTMLElement).dataset.step;
  if (id === undefined) return;
  const step = desk.plan.steps.find((one) => one.id === id);
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by && step) {
    event.preventDefault();
    if (event.altKey) return desk.put(moveStep(desk.text, id, by as -1 | 1));
    const next = desk.plan.steps[step.place + by]?.id;
    if (next === undefined) return;
    choose(next);
    const all = event.currentTarget.querySelectorAll<HTMLElement>("[data-step]");
    [...all].find((one) => one.dataset.step === next)?.focus();
  }
  if ((event.key === "Delete" || event.key === "Backspace") && step) {
    event.preventDefault();
    remove(id);
  }
}

function Step({ data: { step } }: NodeProps<StepNode>) {
  const { desk, chosen, choose } = useShared();
  const kind = kindOf(step.kind);
  const wrong = desk.problems.filter((one) => within(one.where, `steps[${step.place}]`)).length;
  const leads = kind?.goes_on !== false || refsOf(step).length > 0;
  const title = kind?.title[desk.language] ?? desk.say("unknown_kind");
  const said = gist(step, (takes, name, value) => words(desk, step, takes, name, value));
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectableStart={false} />
      <button
        type="button"
        className={`journey-step kind-${step.kind}${wrong ? " board-bad" : ""}`}
        aria-pressed={chosen === step.id}
        data-step={step.id}
        onClick={() => choose(step.id)}
      >
        <span className="journey-step-head">
          <strong title={title}>{title}</strong>
          <code title={step.id}>{step.id}</code>
        </span>
        <span className="journey-step-says" title={said} data-raw>
          {said}
        </span>
        {wrong > 0 && (
          <span className="journey-figures tone-harm board-count">
            {desk.say("problems_here", { count: wrong })}
          </span>
        )}
      </button>
      <Handle
        type="source"
        position={Position.Bottom}
        isConnectable={leads}
        className={leads ? "" : "board-shut"}
      />
    </>
  );
}

/** One value of a step in words. */
function words(desk: Desk, step: PlanStep, takes: string, name: string, value: unknown): string {
  if (takes === "condition") return desk.sentence(value);
  const asks = kindOf(step.kind)?.fields.find((one) => one.name === name);
  const choice = asks?.choices.find((one) => one.value === value)?.title?.[desk.language];
  if (choice) return choice;
  if (name === "channel") return desk.code("channel", String(value));
  if (name === "purpose") return desk.code("purpose", String(value));
  if (takes === "values" && typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([one, to]) => `${one} = ${String(to)}`)
      .join(", ");
  return desk.span(String(value));
}

function Entry(_: NodeProps<EntryNode>) {
  const { desk, chosen, choose } = useShared();
  const { say } = useTongue();
  const enter = desk.plan.said.enter as Record<string, unknown> | null | undefined;
  const wrong = desk.problems.filter((one) => !one.where.startsWith("steps[")).length;
  const on = typeof enter?.on === "string" ? desk.code("event", enter.on) : "";
  const every = typeof enter?.every === "string" ? enter.every : "";
  const code = String(desk.plan.said.journey ?? "");
  const enters = `${say("enters")} ${on || every || (enter ? "" : desk.say("by_hand"))}`;
  return (
    <>
      <button
        type="button"
        className={`journey-step journey-entry board-entry-step${wrong ? " board-bad" : ""}`}
        aria-pressed={chosen === HEAD}
        onClick={() => choose(HEAD)}
      >
        <span className="journey-step-head">
          <strong>{desk.say("settings")}</strong>
          <code title={code}>{code}</code>
        </span>
        <span className="journey-step-says" title={enters} data-raw>
          {enters}
        </span>
        {wrong > 0 && (
          <span className="journey-figures tone-harm board-count">
            {desk.say("problems_here", { count: wrong })}
          </span>
        )}
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

function Line_({ data }: EdgeProps<WayEdge>) {
  const tongue = useTongue();
  const { desk, ways, choose } = useShared();
  const line = data?.line;
  if (!line) return null;
  const names = labelled(line) ? line.ways.map((one) => wayWords(one, tongue)).filter(Boolean) : [];
  const entry = line.source === ENTRY;
  const here = ways.get(lineKey(entry ? "" : line.source, line.to)) ?? [];
  const middle = entry ? line.points[Math.floor(line.points.length / 2)] : line.label;
  const at = middle ?? line.label;
  const [start, end] = [line.points[0], line.points.at(-1)];
  return (
    <>
      <BaseEdge path={path(line.points)} className="journey-way" />
      {!entry && start && end && (
        <Pulled
          from={start}
          end={end}
          title={desk.say("pull")}
          lead={(to) => desk.put(rewireAll(desk.text, here, to))}
        />
      )}
      <EdgeLabelRenderer>
        <span
          className="journey-way-label board-way nodrag nopan"
          style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
        >
          {names.length > 0 && (
            <span className="journey-way-says" title={names.join(" / ")} data-raw>
              {names.join(" / ")}
            </span>
          )}
          <Palette
            desk={desk}
            label={desk.say("add_here", {
              from: entry ? desk.say("settings") : line.source,
              to: line.to,
            })}
            add={(key) => {
              desk.put(addOn(desk.text, here, key));
              choose(freshId(desk.plan, key));
            }}
          />
        </span>
      </EdgeLabelRenderer>
    </>
  );
}

/** All kinds of steps by shelf, each with what it is for. */
export function Palette(props: {
  desk: Desk;
  label: string;
  add: (key: string) => void;
  children?: string;
}) {
  const { desk, label, add, children } = props;
  const { language } = desk;
  const items = SHELVES.map(([shelf, title]) => ({
    type: "group" as const,
    key: shelf,
    label: title[language],
    children: KINDS.filter((kind) => kind.shelf === shelf).map((kind) => ({
      key: kind.key,
      label: (
        <span className="board-kind">
          <strong>{kind.title[language]}</strong>
          <span className="quiet small">{kind.about[language]}</span>
        </span>
      ),
    })),
  }));
  return (
    <Dropdown
      trigger={["click"]}
      classNames={{ root: "board-palette" }}
      menu={{ items, onClick: ({ key }) => add(key) }}
    >
      {children ? (
        <Button icon={<PlusOutlined />}>{children}</Button>
      ) : (
        <button type="button" className="board-plus" aria-label={label} title={label}>
          +
        </button>
      )}
    </Dropdown>
  );
}

const NODES = { step: Step, entry: Entry };
const EDGES = { way: Line_ };

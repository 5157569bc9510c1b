import {
  BaseEdge,
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
import { createContext, useContext, useMemo } from "react";
import type { SchemaGraph, SchemaNode } from "@/api/schema";
import { Frame } from "./frame";
import { ENTRY, HEIGHT, type Line, labelled, path, place, stroke, WIDTH } from "./layout";
import { entry, summary, useTongue, way } from "./said";

interface Seen {
  graph: SchemaGraph;
  live: boolean; // with figures
  chosen: string;
  choose: (node: string) => void;
  most: number;
}

const Context = createContext<Seen | null>(null);
function useSeen(): Seen {
  const seen = useContext(Context);
  if (!seen) throw new Error("outside of a drawing");
  return seen;
}

type StepNode = Node<{ node: SchemaNode }, "step">;
type EntryNode = Node<Record<string, never>, "entry">;
type WayEdge = Edge<{ line: Line }, "way">;

const FIXED = { width: WIDTH, height: HEIGHT, draggable: false, selectable: false };

/** The drawing is the page: nothing is moved, it is as high as it is. */
export default function Canvas(props: Omit<Seen, "most">) {
  const { graph } = props;
  const { say, in: said } = useTongue();
  const drawn = useMemo(() => place(graph), [graph]);
  const most = Math.max(0, ...graph.edges.map((one) => one.weight));
  const nodes: (StepNode | EntryNode)[] = [
    {
      id: ENTRY,
      type: "entry",
      position: drawn.places[ENTRY] ?? { x: 0, y: 0 },
      data: {},
      ...FIXED,
    },
    ...graph.nodes.map(
      (node): StepNode => ({
        id: node.id,
        type: "step",
        position: drawn.places[node.id] ?? { x: 0, y: 0 },
        data: { node },
        ...FIXED,
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
  return (
    <Context value={{ ...props, most }}>
      <Frame
        drawn={drawn}
        className="journey-canvas"
        label={say("drawing_of", { title: said(graph.title) })}
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
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            proOptions={{ hideAttribution: true }}
          />
        )}
      </Frame>
    </Context>
  );
}

function Step({ data: { node } }: NodeProps<StepNode>) {
  const tongue = useTongue();
  const { chosen, choose, live } = useSeen();
  const said = summary(node, tongue);
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button
        type="button"
        className={`journey-step kind-${node.kind}`}
        aria-pressed={chosen === node.id}
        onClick={() => choose(node.id)}
      >
        <span className="journey-step-head">
          <strong title={tongue.in(node.title)}>{tongue.in(node.title)}</strong>
          <code title={node.id}>{node.id}</code>
        </span>
        <span className="journey-step-says" title={said}>
          {said}
        </span>
        {live && <Figures node={node} />}
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

/** In now, passed, withheld, and what is wrong. */
export function Figures({ node }: { node: SchemaNode }) {
  const { say, many } = useTongue();
  return (
    <span className="journey-figures number">
      {node.now > 0 && <b className="tone-ours">{say("n_now", { count: many(node.now) })}</b>}
      {node.passed > 0 && <span>{say("n_passed", { count: many(node.passed) })}</span>}
      {node.withheld > 0 && (
        <span className="tone-waits">{say("n_withheld", { count: many(node.withheld) })}</span>
      )}
      {node.ended > 0 && <span>{say("n_ended", { count: many(node.ended) })}</span>}
      {node.parked > 0 && (
        <span className="tone-harm">{say("n_parked", { count: many(node.parked) })}</span>
      )}
    </span>
  );
}

function Entry(_: NodeProps<EntryNode>) {
  const tongue = useTongue();
  const { graph, live } = useSeen();
  const { title, rest } = entry(graph, tongue);
  return (
    <>
      <div className="journey-step journey-entry">
        <span className="journey-step-head">
          <strong>{tongue.say("enters")}</strong>
          <span title={title}>{title}</span>
        </span>
        <span className="journey-step-says" title={rest}>
          {rest}
        </span>
        {live && graph.cohort && (
          <span className="journey-figures number">
            {tongue.say("came_in", { count: tongue.many(graph.cohort.visits) })}
          </span>
        )}
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

function Way({ data }: EdgeProps<WayEdge>) {
  const tongue = useTongue();
  const { most, live, graph } = useSeen();
  const line = data?.line;
  if (!line) return null;
  const weight = line.source === ENTRY ? (graph.cohort?.visits ?? 0) : line.weight;
  const words = labelled(line) ? line.ways.map((one) => way(one, tongue)).filter(Boolean) : [];
  const many = live && weight > 0 && line.source !== ENTRY ? tongue.many(weight) : "";
  return (
    <>
      <BaseEdge
        path={path(line.points)}
        className={weight > 0 && live ? "journey-way walked" : "journey-way"}
        style={{ strokeWidth: live ? stroke(weight, Math.max(most, weight)) : 1.2 }}
      />
      {(words.length > 0 || many) && (
        <EdgeLabelRenderer>
          <span
            className="journey-way-label number"
            style={{
              transform: `translate(-50%, -50%) translate(${line.label.x}px, ${line.label.y}px)`,
            }}
          >
            {words.length > 0 && (
              <span className="journey-way-says" title={words.join(" / ")}>
                {words.join(" / ")}
              </span>
            )}
            {many && <b>{many}</b>}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const NODES = { step: Step, entry: Entry };
const EDGES = { way: Way };

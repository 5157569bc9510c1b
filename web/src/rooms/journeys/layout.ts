import { Graph, layout } from "@dagrejs/dagre";
import type { SchemaGraph } from "@/api/schema";

export const WIDTH = 236;
export const HEIGHT = 72;
export const ENTRY = "▸entry"; // no step can be called so

type Point = { x: number; y: number };

/** All that a layout has to know. */
export type Drawable = { nodes: readonly { id: string }[]; edges: SchemaGraph["edges"] };

/** A way as it is drawn: those between the same two steps are one line with all their labels. */
export interface Line {
  id: string;
  source: string;
  to: string;
  weight: number;
  ways: SchemaGraph["edges"];
  points: Point[];
  label: Point;
}

export interface Layout {
  width: number;
  height: number;
  places: Record<string, Point>;
  lines: Line[];
}

/** Nodes from top to bottom, in the order of the text where the ways leave a choice. */
export function place(graph: Drawable): Layout {
  const first = graph.nodes[0];
  const drawing = new Graph({ multigraph: false });
  drawing.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 26, marginx: 12, marginy: 12 });
  drawing.setDefaultEdgeLabel(() => ({}));
  drawing.setNode(ENTRY, { width: WIDTH, height: HEIGHT });
  for (const node of graph.nodes) drawing.setNode(node.id, { width: WIDTH, height: HEIGHT });
  const lines = together(graph);
  if (first) drawing.setEdge(ENTRY, first.id, { width: 0, height: 0 });
  for (const line of lines)
    drawing.setEdge(line.source, line.to, {
      width: labelled(line) ? 150 : 30,
      height: labelled(line) ? 34 : 12,
      labelpos: "c",
      weight: line.ways.some((way) => way.code === "next") ? 3 : 1,
    });
  layout(drawing);
  const places = Object.fromEntries(
    drawing.nodes().map((id) => {
      const { x, y } = drawing.node(id) as Point;
      return [id, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    }),
  );
  const size = drawing.graph() as { width: number; height: number };
  return {
    width: size.width,
    height: size.height,
    places,
    lines: [
      ...(first ? [entry(drawing, first.id)] : []),
      ...lines.map((line) => {
        const found = drawing.edge(line.source, line.to) as { points: Point[] } & Point;
        return { ...line, points: found.points, label: { x: found.x, y: found.y } };
      }),
    ],
  };
}

function entry(drawing: Graph, first: string): Line {
  const { points } = drawing.edge(ENTRY, first) as { points: Point[] };
  return {
    id: ENTRY,
    source: ENTRY,
    to: first,
    weight: 0,
    ways: [],
    points,
    label: { x: 0, y: 0 },
  };
}

export function together(graph: Drawable): Omit<Line, "points" | "label">[] {
  const found = new Map<string, Omit<Line, "points" | "label">>();
  for (const way of graph.edges) {
    const id = `${way.source}→${way.to}`;
    const known = found.get(id);
    if (known) known.ways = [...known.ways, way];
    else found.set(id, { id, source: way.source, to: way.to, weight: way.weight, ways: [way] });
  }
  return [...found.values()];
}

export function labelled(line: { ways: SchemaGraph["edges"] }): boolean {
  return line.ways.some((way) => way.code !== "next" && way.code !== "go");
}

/** Through the points, with round corners. */
export function path(points: Point[]): string {
  const [start, ...rest] = points;
  if (!start) return "";
  const last = rest.at(-1) ?? start;
  const bends = rest.slice(0, -1).map((point, place) => {
    const next = rest[place + 1] ?? last;
    const end = place === rest.length - 2 ? next : half(point, next);
    return `Q ${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return [`M ${start.x} ${start.y}`, ...(bends.length ? bends : [`L ${last.x} ${last.y}`])].join(
    " ",
  );
}

function half(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/** How wide a way is drawn: of the widest one. */
export function stroke(weight: number, most: number): number {
  return most === 0 || weight === 0 ? 1.2 : 1.5 + 5 * Math.sqrt(weight / most);
}

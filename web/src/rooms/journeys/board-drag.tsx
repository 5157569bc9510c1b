import { BaseEdge, EdgeLabelRenderer, useReactFlow } from "@xyflow/react";
import { type PointerEvent, useState } from "react";
import { ENTRY, HEIGHT, type Layout, WIDTH } from "./layout";

type Point = { x: number; y: number };

/** A step that somebody holds: where it is, and the one whose place it would take. */
interface Carried {
  id: string;
  at: Point;
  onto: string | null;
}

/** Under a finger a step stays where it is: the page is moved by it. */
export const byMouse = (): boolean => window.matchMedia("(pointer: fine)").matches;

/** A step can be carried onto another one; anywhere else it goes back to where it was. */
export function useCarried(drawn: Layout, drop: (id: string, onto: string) => void) {
  const [carried, carry] = useState<Carried | null>(null);
  const held = (_: unknown, { id, position }: { id: string; position: Point }) =>
    carry({ id, at: position, onto: under(drawn, id, position) });
  return {
    carried,
    onNodeDrag: held,
    onNodeDragStop: (_: unknown, { id, position }: { id: string; position: Point }) => {
      carry(null);
      const onto = under(drawn, id, position);
      if (onto !== null) drop(id, onto);
    },
  };
}

/** The step on which the middle of a carried one is. */
export function under(drawn: Layout, id: string, at: Point): string | null {
  const found = Object.entries(drawn.places).find(
    ([one, spot]) =>
      one !== id &&
      one !== ENTRY &&
      Math.abs(spot.x - at.x) < WIDTH / 2 &&
      Math.abs(spot.y - at.y) < HEIGHT / 2,
  );
  return found?.[0] ?? null;
}

/** The end of a way, to be pulled to another step. */
export function Pulled(props: {
  from: Point;
  end: Point;
  title: string;
  lead: (to: string) => void;
}) {
  const { from, end, title, lead } = props;
  const { screenToFlowPosition } = useReactFlow();
  const [to, pull] = useState<Point | null>(null);
  const here = (event: PointerEvent) =>
    screenToFlowPosition({ x: event.clientX, y: event.clientY });
  return (
    <>
      {to && <BaseEdge path={`M ${from.x} ${from.y} L ${to.x} ${to.y}`} className="board-pull" />}
      <EdgeLabelRenderer>
        <span
          className="board-end nodrag nopan"
          title={title}
          style={{ transform: `translate(-50%, -50%) translate(${end.x}px, ${end.y - 5}px)` }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            pull(here(event));
          }}
          onPointerMove={(event) => to && pull(here(event))}
          onPointerCancel={() => pull(null)}
          onPointerUp={(event) => {
            pull(null);
            const onto = stepAt(event.clientX, event.clientY);
            if (to && onto !== null) lead(onto);
          }}
        />
      </EdgeLabelRenderer>
    </>
  );
}

function stepAt(x: number, y: number): string | null {
  for (const one of document.elementsFromPoint(x, y)) {
    const id = one.closest<HTMLElement>(".react-flow__node")?.dataset.id;
    if (id !== undefined && id !== ENTRY) return id;
  }
  return null;
}

import { ExpandOutlined, ZoomInOutlined, ZoomOutOutlined } from "@ant-design/icons";
import { Button, Flex } from "antd";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useBoard } from "./board.words";
import { ENTRY, type Layout, WIDTH } from "./layout";

const NARROW = 700;
const STEP = 1.25;
const [SMALLEST, LARGEST] = [0.2, 2];

/** How a drawing opens: whole where it can be read so, else as small as can be read. */
export function opening(width: number, drawn: number): number {
  const whole = Math.min(1, width / drawn || 1);
  return Math.max(whole, width < NARROW ? 0.8 : 0.5);
}

/** Around a drawing: as high as it is; wider than the page it is moved sideways, or made smaller. */
export function Frame(props: {
  drawn: Layout;
  label: string;
  className: string;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  children: (viewport: { x: number; y: number; zoom: number }) => ReactNode;
}) {
  const { drawn, label, className, onKeyDown, children } = props;
  const say = useBoard();
  const box = useRef<HTMLElement>(null);
  const width = useWidth(box);
  const [asked, ask] = useState<number | null>(null);
  const whole = Math.min(1, width / drawn.width || 1);
  const zoom = asked ?? opening(width, drawn.width);
  const entry = (drawn.places[ENTRY]?.x ?? 0) + WIDTH / 2;
  const measured = width > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edit must not move what is looked at
  useEffect(() => {
    if (box.current) box.current.scrollLeft = entry * zoom - box.current.clientWidth / 2;
  }, [measured, zoom]);
  const to = (next: number) => ask(Math.min(LARGEST, Math.max(SMALLEST, next)));
  return (
    <>
      {measured && (whole < 1 || asked !== null) && (
        <Flex gap={4} justify="end">
          <Button
            size="small"
            icon={<ZoomOutOutlined />}
            aria-label={say("zoom_out")}
            title={say("zoom_out")}
            onClick={() => to(zoom / STEP)}
          />
          <Button
            size="small"
            icon={<ZoomInOutlined />}
            aria-label={say("zoom_in")}
            title={say("zoom_in")}
            onClick={() => to(zoom * STEP)}
          />
          <Button
            size="small"
            icon={<ExpandOutlined />}
            aria-label={say("zoom_fit")}
            title={say("zoom_fit")}
            onClick={() => to(whole)}
          />
        </Flex>
      )}
      <section ref={box} className={className} aria-label={label} onKeyDown={onKeyDown}>
        <div style={{ height: drawn.height * zoom, width: Math.max(width, drawn.width * zoom) }}>
          {measured && children({ x: Math.max(0, (width - drawn.width * zoom) / 2), y: 0, zoom })}
        </div>
      </section>
    </>
  );
}

function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const here = box.current;
    if (!here) return;
    const watch = new ResizeObserver(() => setWidth(here.clientWidth));
    watch.observe(here);
    setWidth(here.clientWidth);
    return () => watch.disconnect();
  }, [box]);
  return width;
}

/** An interval on a bar, as ECharts draws what it has no series for. */
export interface Whisker {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
}

export function whisker(api: Whisker, colour: string) {
  const [x, top] = api.coord([api.value(0), api.value(2)]);
  const [, bottom] = api.coord([api.value(0), api.value(1)]);
  const style = { stroke: colour, lineWidth: 1.5 };
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: "line",
    shape: { x1, y1, x2, y2 },
    style,
  });
  return {
    type: "group",
    children: [
      line(x, top, x, bottom),
      line(x - 4, top, x + 4, top),
      line(x - 4, bottom, x + 4, bottom),
    ],
  };
}

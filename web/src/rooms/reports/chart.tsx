import type { BarSeriesOption } from "echarts/charts";
import { BarChart } from "echarts/charts";
import type {
  GridComponentOption,
  LegendComponentOption,
  TooltipComponentOption,
} from "echarts/components";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ComposeOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useColours } from "@/ui/theme";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export type Option = ComposeOption<
  BarSeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption
>;

/** A picture of numbers that stand in the table below it, which is what a screen reader reads. */
export function Chart({
  option,
  height,
  label,
}: {
  option: Option;
  height: number;
  label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const colours = useColours();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = init(element, undefined, { renderer: "svg" });
    const text = { color: colours.ink, fontFamily: getComputedStyle(element).fontFamily };
    chart.setOption({ textStyle: text, animation: false, ...option });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [option, colours]);
  return <div ref={place} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}

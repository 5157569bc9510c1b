import { PictureOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { init } from "echarts/core";
import { useEffect, useRef } from "react";
import { useColours } from "@/ui/theme";
import "./parts"; // before the first chart
import type { Option } from "./parts";
import { type Caption, picture } from "./picture";
import { useReports } from "./words";

export type { Option };

/** A picture of numbers that stand in the table below it, which is what a screen reader reads. */
export function Chart({
  option,
  height,
  label,
  caption,
}: {
  option: Option;
  height: number;
  label: string;
  caption: Caption;
}) {
  const say = useReports();
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
  const save = async () => {
    const element = place.current;
    if (!element) return;
    const ground = getComputedStyle(element.closest(".panel") ?? document.body).backgroundColor;
    const font = getComputedStyle(element).fontFamily;
    hand(await picture(option, height, caption, { ...colours, ground, font }), caption.file);
  };
  return (
    <div>
      <div
        ref={place}
        role="img"
        aria-label={label}
        style={{ height, width: "100%", contain: "size" }}
      />
      <Button size="small" type="text" icon={<PictureOutlined />} onClick={save}>
        {say("png")}
      </Button>
    </div>
  );
}

function hand(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Draws the charts of a report in a file by itself: built into one script that the file holds.
import { init } from "echarts/core";
import { type Drawable, drawable, draws, type Language, UNDRAWN } from "@/rooms/reports/drawn";
import { COLOURS, PALETTE } from "@/ui/palette";
import "@/rooms/reports/parts";

const told: Drawable & { language: Language } = JSON.parse(
  document.getElementById("told")?.textContent ?? "{}",
);
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
const colours = COLOURS[dark ? "dark" : "light"];
const look = { ...colours, ground: dark ? "#1d2329" : "#ffffff", palette: PALETTE };

for (const place of document.querySelectorAll<HTMLElement>("[data-chart]")) {
  const chart = told.charts.find((one) => one.name === place.dataset.chart);
  if (!chart) continue;
  if (!drawable(told, chart)) {
    place.textContent = UNDRAWN[told.language];
    place.style.height = "auto";
    continue;
  }
  const drawn = init(place, undefined, { renderer: "svg" });
  const text = { color: colours.ink, fontFamily: getComputedStyle(place).fontFamily };
  drawn.setOption({
    textStyle: text,
    animation: false,
    ...draws(told, chart, told.language, look),
  });
  window.addEventListener("resize", () => drawn.resize());
}

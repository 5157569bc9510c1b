import { type ECharts, init } from "echarts/core";
import type { Option } from "./chart";

/** What a picture says beside its chart, so that it can stand alone in a slide. */
export interface Caption {
  title: string;
  /** Period and population, then the definition; each breaks where it must. */
  lines: readonly string[];
  file: string;
}

const WIDTH = 1200;
const EDGE = 32;
const SHARP = 2;

/** A chart as a PNG, on the page's own ground, with what it shows, of when, and what that means. */
export async function picture(
  option: Option,
  height: number,
  caption: Caption,
  colours: { ink: string; out: string; ground: string; font: string },
): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no pictures");
  const small = `14px ${colours.font}`;
  pen.font = small;
  const lines = caption.lines.flatMap((one) =>
    broken(one, WIDTH - 2 * EDGE, (text) => pen.measureText(text).width),
  );
  const head = EDGE + 30 + 22 * lines.length + 12;
  canvas.width = WIDTH * SHARP;
  canvas.height = (head + height + EDGE) * SHARP;
  pen.scale(SHARP, SHARP);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, WIDTH, head + height + EDGE);
  pen.textBaseline = "top";
  pen.fillStyle = colours.ink;
  pen.font = `600 20px ${colours.font}`;
  pen.fillText(caption.title, EDGE, EDGE);
  pen.fillStyle = colours.out;
  pen.font = small;
  lines.forEach((line, place) => {
    pen.fillText(line, EDGE, EDGE + 34 + 22 * place);
  });
  const chart = drawn(option, height, colours);
  try {
    pen.drawImage(chart.renderToCanvas(), EDGE, head, WIDTH - 2 * EDGE, height);
  } finally {
    chart.dispose();
  }
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png");
  });
}

function drawn(option: Option, height: number, colours: { ink: string; font: string }): ECharts {
  const place = document.createElement("canvas");
  const size = { width: WIDTH - 2 * EDGE, height, devicePixelRatio: SHARP };
  const chart = init(place, undefined, { renderer: "canvas", ...size });
  const textStyle = { color: colours.ink, fontFamily: colours.font };
  chart.setOption({ textStyle, animation: false, ...option });
  return chart;
}

/** A text in lines no wider than this: between words, or between any two Chinese characters. */
export function broken(text: string, width: number, measure: (text: string) => number): string[] {
  const parts = text.match(/[\u0020-\u024f]+?(?: |$|(?=[^\u0020-\u024f]))|./gu) ?? [];
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    if (line && measure((line + part).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = part;
    } else line += part;
  }
  return line.trim() ? [...lines, line.trimEnd()] : lines;
}

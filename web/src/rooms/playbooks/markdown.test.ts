import { expect, test } from "vitest";
import { blocks, inlines } from "./markdown";

test("bold words and code are told apart from the rest", () => {
  expect(inlines("**做什么** 运行 `siyu advise` 再看")).toEqual([
    { kind: "bold", text: "做什么" },
    { kind: "text", text: " 运行 " },
    { kind: "code", text: "siyu advise" },
    { kind: "text", text: " 再看" },
  ]);
});

test("lines of a paragraph are joined without a space in Chinese, with one in English", () => {
  const said = (text: string) =>
    blocks(text).map((one) => ("of" in one ? one.of.map((part) => part.text).join("") : ""));
  expect(said("第一行，\n第二行")).toEqual(["第一行，第二行"]);
  expect(said("first\nsecond")).toEqual(["first second"]);
});

test("headings, lists with lines that go on, and bold beginnings are blocks of their own", () => {
  const text = "# 名称\n\n- **3 天**：问\n  好\n- 3 周\n**停止**：退款\n**需要**：订单";
  expect(blocks(text).map((one) => one.kind)).toEqual([
    "heading",
    "list",
    "paragraph",
    "paragraph",
  ]);
  const list = blocks(text)[1];
  expect(list?.kind === "list" && list.items[0]?.map((one) => one.text)).toEqual([
    "3 天",
    "：问好",
  ]);
});

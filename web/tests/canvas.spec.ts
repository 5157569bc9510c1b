import type { Locator, Page } from "@playwright/test";
import { asked, expect, inEnglish, test } from "./demo";
import { accessible, holds } from "./looks";
import type { Demo } from "./server";

const side = (page: Page) => page.locator(".board-side");
const field = (page: Page, name: string) => side(page).getByRole("textbox", { name, exact: true });
const canvas = (page: Page) => page.getByRole("region", { name: "编辑画布" });
const step = (page: Page, id: string) => canvas(page).locator(`[data-step="${id}"]`);
const verdict = (page: Page) => page.getByRole("status").filter({ hasText: /可以发布|处问题/ });

const more = (page: Page) =>
  page.locator(".journey-head").getByRole("button", { name: "添加步骤" });

/** Open a palette, and choose from it. */
async function add(page: Page, from: Locator, kind: string): Promise<void> {
  await from.click();
  await page.locator(".board-palette").getByRole("menuitem", { name: kind }).click();
}

const text = (page: Page, demo: Demo, code: string) =>
  asked<{ text: string }>(page, demo, "GET", `/api/v1/journeys/${code}`).then((one) => one.text);

test("a journey is drawn from nothing: what is wrong is said where it is, mended, and published", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto("/journeys");
  await page.getByRole("button", { name: "新建旅程" }).click();
  await field(page, "编码").fill("drawn");
  await field(page, "名称 中文").fill("画出来的");
  await field(page, "名称 英文").fill("Drawn");

  await add(page, more(page), "等待");
  await add(page, more(page), "发送消息");
  await expect(step(page, "send")).toContainText(/处问题/); // no material yet, and no end
  await expect(page.getByRole("button", { name: "发布…" })).toBeDisabled();
  await side(page).getByRole("combobox", { name: "素材或话术" }).click();
  await page.keyboard.type("invite-sms");
  await page.keyboard.press("Enter");
  await expect(step(page, "send")).toContainText("1 处问题");
  await expect(side(page).getByRole("alert")).toContainText("请以 `exit: …` 结尾");
  await add(page, more(page), "退出旅程");
  await expect(verdict(page)).toContainText("可以发布");

  // a step in the middle of a way, and a way of its own
  await add(page, page.getByRole("button", { name: /在「wait」和「send」之间/ }), "条件分支");
  await expect(canvas(page).getByText("是好友")).toBeVisible();
  await expect(verdict(page)).toContainText("可以发布");

  // the text says the same
  await page.getByText("文本", { exact: true }).click();
  await expect(page.locator(".cm-content")).toContainText("{id: wait, wait: 1d}");
  await expect(page.locator(".cm-content")).toContainText("when: {friend: true}, go: send");
  await page.getByText("字段", { exact: true }).click();

  await page.getByRole("button", { name: "发布…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "发布", exact: true }).click();
  await expect(page).toHaveURL(/\/journeys\/drawn$/);
  expect(await text(page, demo, "drawn")).toContain("  - {id: wait, wait: 1d}\n");
});

test("an edit of a journey with remarks changes its own place alone, and can be taken back", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  const before = await text(page, demo, "cascade");
  await page.goto("/journeys/cascade?view=edit");
  await step(page, "five-minutes").click();
  await side(page).getByRole("spinbutton", { name: "多久" }).fill("7");
  await expect(step(page, "five-minutes")).toContainText("7 分钟");

  // by the keys alone: to the next step, and without it
  await step(page, "five-minutes").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(step(page, "called")).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("dialog")).toContainText("接着走「intent」");
  await page.getByRole("dialog").getByRole("button", { name: "删除步骤" }).click();
  await expect(step(page, "called")).toHaveCount(0);
  await page.getByRole("button", { name: "撤销" }).click();
  await expect(step(page, "called")).toBeVisible();

  await expect(verdict(page)).toContainText("可以发布");
  await page.getByRole("button", { name: "发布…" }).click();
  await expect(page.getByRole("dialog")).toContainText("改为 7 分钟");
  const changes = page.getByRole("dialog").getByRole("listitem").filter({ hasText: "步骤 " });
  await expect(changes).toHaveCount(1);
  await page.getByRole("dialog").getByRole("button", { name: "发布", exact: true }).click();
  await expect(page.getByText(/版已发布/)).toBeVisible();
  expect(await text(page, demo, "cascade")).toBe(
    before.replace(/(\{id: five-minutes, wait: )\w+/, "$17m"),
  );
});

const WALK = `journey: walk
title: {zh: 走, en: Walk}
steps:
  - {id: first, wait: 1d}  # a day
  - {id: second, wait: 2d}
  - {id: third, wait: 3d}
  - {id: end, exit: done}
`;

/** Press, move as a hand does, let go. */
async function drag(page: Page, from: Locator, onto: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await onto.boundingBox()];
  if (!start || !end) throw new Error("not on the page");
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2 + 6, end.y + end.height / 2 + 6, { steps: 6 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2);
  await page.mouse.up();
}

test("steps are joined and moved by dragging: the text follows, and each can be taken back", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/journeys/_new");
  await page.getByText("文本", { exact: true }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(WALK);
  await expect(step(page, "third")).toBeVisible();
  const says = async (text: string) =>
    expect.poll(() => page.locator(".cm-line").allTextContents()).toEqual(text.split("\n"));
  const takenBack = async () => {
    await page.getByRole("button", { name: "撤销" }).click();
    await says(WALK);
  };
  await says(WALK);

  // from the dot below a step to another one, wherever on it one lets go
  const node = (id: string) => canvas(page).locator(`.react-flow__node[data-id="${id}"]`);
  await drag(page, node("first").locator(".react-flow__handle-bottom"), step(page, "third"));
  await says(WALK.replace("wait: 1d}", "wait: 1d, go: third}"));
  await takenBack();

  // the end of a way, to another step
  const ends = canvas(page).locator(".board-end");
  await expect(ends).toHaveCount(3);
  await drag(page, ends.first(), step(page, "end"));
  await says(WALK.replace("wait: 1d}", "wait: 1d, go: end}"));
  await takenBack();

  // a step onto another one takes its place; let go where none is, it goes back
  const before = await step(page, "second").boundingBox();
  await drag(page, step(page, "second"), step(page, "third"));
  const [first, second, third] = WALK.split("\n").slice(3, 6) as [string, string, string];
  await says(WALK.replace(`${second}\n${third}`, `${third}\n${second}`));
  await expect(node("second").getByRole("button")).toHaveAttribute("aria-pressed", "true");
  await takenBack();
  await drag(page, step(page, "second"), page.getByRole("button", { name: "重做" }));
  await says(WALK);
  expect(await step(page, "second").boundingBox()).toEqual(before);
  await page.getByRole("button", { name: "重做" }).click();
  await says(WALK.replace(`${second}\n${third}`, `${third}\n${second}`));
  expect(first).toContain("# a day");
});

test("what is wrong with the whole journey stands at no line", async ({ page, as }) => {
  await as("operator");
  await page.goto("/journeys/_new");
  await field(page, "编码").fill("half");
  await page.getByText("文本", { exact: true }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("journey: half\nsteps: [{id: end, exit: done}]\n");
  const problems = page.locator(".journey-problems li");
  await expect(problems).toContainText(["整个旅程"]);
  await expect(problems.first()).not.toContainText("第 1 行");
});

/** Texts of the drawing that are cut off, and those that are without saying so. */
const cutOff = (page: Page) =>
  page.locator(".journey-canvas").evaluate((canvas) => {
    const texts = "strong, code, .journey-step-says";
    const every = [...canvas.querySelectorAll<HTMLElement>(".journey-step")].flatMap((step) =>
      [...step.querySelectorAll<HTMLElement>(texts)].map((one) => ({ step, one })),
    );
    const outside = every.filter(
      ({ step, one }) =>
        one.getBoundingClientRect().right > step.getBoundingClientRect().right ||
        step.scrollWidth > step.clientWidth,
    );
    const clipped = every.filter(({ one }) => one.scrollWidth > one.clientWidth);
    const silent = clipped.filter(
      ({ one }) => getComputedStyle(one).textOverflow !== "ellipsis" || !one.title,
    );
    return {
      wrong: [...outside, ...silent].map(({ one }) => one.textContent),
      clipped: clipped.length,
    };
  });

test("what is too long for the drawing ends in an ellipsis, in both languages", async ({
  page,
  as,
}) => {
  await as("operator");
  for (const [language, name] of [
    ["zh", "编辑画布"],
    ["en", "Canvas to edit"],
  ] as const) {
    await page.addInitScript((one) => localStorage.setItem("siyu.language", one), language);
    await page.goto("/journeys/cascade");
    await page.locator(".journey-canvas .journey-step").first().waitFor();
    expect((await cutOff(page)).wrong, language).toEqual([]);
    await page.goto("/journeys/cascade?view=edit");
    await page.getByRole("region", { name }).locator("[data-step]").first().waitFor();
    expect((await cutOff(page)).wrong, language).toEqual([]);
  }
  await page.locator('[data-step="human"]').click();
  await page.getByLabel("The step's name").fill("a-name-that-is-far-too-long-for-a-box");
  await page.keyboard.press("Tab");
  await expect(page.locator('[data-step^="a-name"] code')).toHaveAttribute(
    "title",
    /^a-name.*box$/,
  );
  const { wrong, clipped } = await cutOff(page);
  expect(wrong).toEqual([]);
  expect(clipped).toBeGreaterThan(0);
});

test("the canvas holds in English and for axe, with every field of a step", async ({
  page,
  as,
}) => {
  await inEnglish(page);
  await as("operator");
  await page.goto("/journeys/cascade?view=edit");
  const board = page.getByRole("region", { name: "Canvas to edit" });
  for (const id of ["sms", "intent", "five-minutes", "human"]) {
    await board.locator(`[data-step="${id}"]`).click();
    await expect(page.getByLabel("The step's name")).toHaveValue(id);
    await holds(page);
  }
  await board.getByRole("button", { name: /Journey cascade/ }).click();
  await expect(page.getByLabel("Hold-out, from 0 to 1")).toHaveValue("0.05");
  await accessible(page, "canvas");
});

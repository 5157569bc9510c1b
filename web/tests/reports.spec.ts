import { readFileSync } from "node:fs";
import { expect, test } from "./demo";

type Funnel = {
  report: {
    sources: {
      in_scope: { buyers: number; friends: number };
      steps: { step: string; adds: number; people: number }[];
    }[];
  };
};

test("the funnel shows the figures of the API, and says what they mean", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports");
  // the demo goes on living: what is compared is one answer with what was drawn from it
  await expect(async () => {
    const told = page.waitForResponse((one) => one.url().includes("/api/v1/reports/cascade"));
    await page.reload();
    const { report }: Funnel = await (await told).json();
    const [source] = report.sources;
    const sms = source?.steps.find((one) => one.step === "sms");
    const answer = page.locator(".report-answer");
    await expect(answer).toContainText(`范围内 ${source?.in_scope.buyers} 位买家`, {
      timeout: 3000,
    });
    await expect(answer).toContainText(`${source?.in_scope.friends} 位加为好友`, { timeout: 100 });
    const row = page.getByRole("row", { name: /^短信/ }).getByRole("cell");
    await expect(row.nth(1)).toHaveText(String(sms?.people), { timeout: 100 });
    await expect(row.nth(2)).toHaveText(String(sms?.adds), { timeout: 100 });
  }).toPass();
  await expect(page.getByRole("img", { name: "漏斗：人数" })).toBeVisible();

  await page.getByRole("button", { name: "口径" }).click();
  await expect(page.getByRole("dialog")).toContainText(
    "首单后 14 天内加为好友的人数 ÷ 范围内的买家",
  );
});

test("a period is part of the address, and the file holds what the page shows", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto("/reports/withheld");
  await expect(page.locator(".report-answer")).toBeVisible();
  await page.getByRole("button", { name: "近 90 天" }).click();
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await expect(page.locator(".report-answer")).toContainText("没有发出");

  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载 CSV" }).click();
  const file = readFileSync(await (await waiting).path(), "utf8");
  expect(file.startsWith("\ufeff")).toBe(true);
  const [head, ...rows] = file.slice(1).trimEnd().split("\r\n");
  expect(head).toBe("日期,触点,用途,原因代码,原因,触达次数");
  // the demo goes on living: what the page said a moment ago is a lower bound
  const total = rows.reduce((sum, row) => sum + Number(row.split(",").at(-1)), 0);
  const said = (await page.locator(".report-answer").textContent()) ?? "";
  const shown = Number(/有 ([\d,]+) 次没有发出/.exec(said)?.[1]?.replace(",", ""));
  expect(total).toBeGreaterThanOrEqual(shown);
  expect(total - shown).toBeLessThan(20);

  await page.goBack();
  await expect(page).not.toHaveURL(/from=/);
});

test("what a friend cost is told by step and kind", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports/cost");

  await expect(page.locator(".report-answer")).toContainText("平均每位 ¥");
  await expect(
    page
      .getByRole("row", { name: /短信条/ })
      .or(page.getByRole("row", { name: /短信/ }))
      .first(),
  ).toBeVisible();
  await expect(page.getByRole("row", { name: /^合计/ })).toContainText("¥");
});

for (const [path, numbers] of [
  ["/reports", 6],
  ["/reports/cost", 2],
  ["/reports/withheld", 2],
] as const) {
  test(`every number of ${path} opens the list that it counts, and back closes it`, async ({
    page,
    as,
  }) => {
    await as("owner");
    await page.goto(path);
    await page.locator("[data-list]").first().waitFor();
    const all = await page
      .locator("[data-list]")
      .evaluateAll((found) => found.map((one) => one.getAttribute("data-list") ?? ""));
    expect(all.length).toBeGreaterThanOrEqual(numbers);
    for (const list of all.keys()) {
      const number = page.locator("[data-list]").nth(list);
      const said = Number((await number.textContent())?.replace(/\D/g, ""));
      await number.click();
      const drawer = page.getByRole("dialog");
      await expect(drawer).toBeVisible();
      expect(page.url()).toContain("list=");
      const rows = drawer.locator(".ant-table-row");
      await rows.first().waitFor();
      const more = drawer.getByRole("button", { name: "加载更多" });
      // long lists to the end: tests/api/test_reports.py
      if (said > 100) expect(await rows.count()).toBe(50);
      else {
        await expect(async () => {
          if (await more.isVisible()) await more.click({ timeout: 1_000 });
          await expect(more).toBeHidden({ timeout: 100 });
        }).toPass();
        // the demo goes on living between the look and the list
        expect(Math.abs((await rows.count()) - said)).toBeLessThanOrEqual(8);
      }
      await expect(rows.first().getByRole("link")).toHaveAttribute("href", /\/customers\/cus_/);
      await page.goBack();
      await expect(drawer).toBeHidden();
    }
  });
}

test("a list of a report can be sent to a colleague, and leads to a person", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto("/reports/withheld?list=withheld");
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText("未发送的触达");
  await drawer.getByRole("link").first().waitFor();
  const reasons = await drawer.locator("td .tone-waits").allTextContents();
  expect(reasons.length).toBeGreaterThan(0);
  for (const one of reasons) expect(one).toMatch(/\p{Script=Han}/u);
  await drawer.locator("td .tone-waits").first().hover();
  await expect(page.getByRole("tooltip").locator("code")).toHaveText(/^\w+$/); // as files call it
  await drawer.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/customers\/cus_/);
});

test("steps stand in the order of the journey", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports");
  await page.locator("[data-list^=reached]").first().waitFor();
  const steps = await page
    .locator("[data-list^=reached]")
    .evaluateAll((found) => found.map((one) => one.getAttribute("data-list")?.split(" ")[1]));
  const order = ["sms", "call", "request", "human", "card"];
  expect(steps).toEqual(order.filter((one) => steps.includes(one)));
});

test("a step that fell is marked in words with the likely cause, and nothing else is", async ({
  page,
  as,
}) => {
  await as("owner");
  const share = (of: number, people: number) => ({ of, people, rate: people / of });
  const fall = {
    source: "new-orders",
    step: "sms",
    part: "reached",
    was: share(400, 380),
    now: share(400, 200),
    why: "withheld",
    reason: "no_consent",
  };
  const told = await (await page.request.get("/api/v1/reports/cascade/before")).json();
  let falls: object[] = [fall];
  await page.route("**/api/v1/reports/cascade/before*", (route) =>
    route.fulfill({ json: { ...told, state: "ready", falls } }),
  );
  await page.goto("/reports");
  await expect(page.locator(".report-fell.tone-harm")).toHaveText(
    "短信：触达率从 95.0% 降到 50.0%（尚未加好友的 400 位中触达 200 位），两期的 95% 区间不重叠。" +
      "可能的原因：因“没有该渠道的同意”未发送的变多了。",
  );
  await expect(page.getByRole("row", { name: /^短信 下降/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /下降/ })).toHaveCount(1);

  falls = [];
  await page.reload();
  await page.locator("[data-list^=reached]").first().waitFor();
  await expect(page.getByRole("row", { name: /下降/ })).toHaveCount(0);
});

test("the chart can be taken along as a picture", async ({ page, as }) => {
  await as("owner");
  for (const path of ["/reports", "/reports/cost", "/reports/withheld"]) {
    await page.goto(path);
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "下载图片" }).first().click();
    const taken = await waiting;
    expect(taken.suggestedFilename()).toMatch(
      /^siyu-[a-z-]+-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.png$/,
    );
    const file = readFileSync(await taken.path());
    expect(file.subarray(1, 4).toString()).toBe("PNG");
    expect(file.readUInt32BE(16)).toBe(2400); // wide enough for a slide
    await taken.saveAs(`shots/picture${path.replaceAll("/", "-")}.png`);
  }
});

test("a guide sees no reports", async ({ page, as }) => {
  await as("guide");
  await page.goto("/");
  await expect(page.getByRole("link", { name: "报表" })).toHaveCount(0);
});

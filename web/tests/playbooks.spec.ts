import { asked, expect, inEnglish, test } from "./demo";
import { axe } from "./looks";

interface Member {
  code: string;
  name: string;
  role: string;
  store: string | null;
}

const GALLERY = "/journeys/playbooks";
const RECALL = `${GALLERY}/lapsed-recall`;

test("the gallery says what to do now, and of each playbook what is missing and how it does", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/journeys");
  await page.getByRole("link", { name: "打法", exact: true }).click();
  const advice = page.getByRole("region", { name: "现在该做什么" });
  await expect(advice).toContainText("阶段目标");
  await expect(advice).toContainText("产品需要指导和服务");
  await advice.getByLabel("产品需要多少指导和服务").click();
  await page.getByTitle("很多", { exact: true }).click();
  await expect(page).toHaveURL(/service=heavy/);
  await expect(advice.getByText("产品需要指导和服务").first()).toBeHidden(); // answered: among the rest now

  const cascade = page.getByRole("article", { name: "加好友四步法" });
  await expect(cascade).toContainText("运行中");
  await expect(cascade).toContainText(/进入\s*[1-9]/);
  await expect(cascade.getByText(/还早，说不出效果|个百分点/)).toBeVisible();
  const sizes = page.getByRole("article", { name: "断码清仓" });
  await expect(sizes).toContainText("还缺 1 项");
  await expect(sizes.getByRole("link", { name: "导入库存盘点" })).toBeVisible();

  await inEnglish(page);
  await page.reload();
  const english = page.getByRole("article", { name: "The add-friend cascade" });
  await expect(english).toContainText("Came in");
  await english.getByRole("link", { name: "The add-friend cascade" }).click();
  await expect(page.getByRole("region", { name: "Proven by these stories" })).toBeVisible();
  await page.getByRole("region", { name: "What it brings" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/\/journeys\/cascade$/);
});

test("a playbook is started step by step, with a forecast, and stopped again", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto(RECALL);
  await page
    .getByRole("button", { name: "启动…" })
    .or(page.getByRole("button", { name: "重新启动…" }))
    .click();
  const next = page.getByRole("button", { name: /^下一步/ });
  for (const step of ["店铺规则", "权益", "人手", "预算"]) {
    await next.click();
    await expect(page.getByRole("heading", { name: step, level: 2 })).toBeFocused();
  }
  await page.getByLabel("总预算").fill("500");
  await next.click();
  await page.getByLabel("测试人数").fill("30");
  await next.click();
  await page.getByRole("radio", { name: /先让一小批人进入/ }).check();
  await page.getByLabel("人数", { exact: true }).fill("20");
  await page.reload(); // nothing is lost
  await expect(page.getByLabel("人数", { exact: true })).toHaveValue("20");
  await next.click();
  await page.getByLabel("哪些天").click();
  await page.getByTitle("最近 7 天").click();
  await page.getByRole("button", { name: "开始预测" }).click();
  await expect(page.getByText(/轮到它就开始|重演到|正在准备|会进入/).first()).toBeVisible();
  const cancel = page.getByRole("button", { name: /^取\s?消$/ });
  if (await cancel.isVisible()) await cancel.click(); // how long it takes is no matter of this story
  for (const [button, step] of [
    [page.getByRole("button", { name: "上一步" }), "试点"],
    [next, "预测"],
    [next, "确认"],
  ] as const) {
    await button.click();
    await expect(page.getByRole("heading", { name: step, level: 2 })).toBeVisible();
  }

  const stage = page.getByRole("region", { name: "确认" });
  await expect(stage).toContainText("每个旅程先只让前 20 位进入");
  await expect(stage).toContainText("预算：共 ¥500.00");
  await expect(stage).toContainText("测试人数 30");
  await expect(stage).toContainText("作为对照组");
  await expect(stage).toContainText(/推算|不知道会有多少人/);
  await stage.getByRole("button", { name: /^启\s?动$/ }).click();
  await expect(page).toHaveURL(new RegExp(`${RECALL}$`));
  await expect(page.getByText("运行中").first()).toBeVisible();
  await expect(page.getByText("试点：前 20 位")).toBeVisible();

  await page.getByRole("button", { name: "停止…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("停止之后不再有人进入");
  await expect(dialog).toContainText("已承诺的权益仍然有效");
  await dialog.getByRole("button", { name: "停止打法" }).click();
  await expect(page.getByText("已停止", { exact: true })).toBeVisible();
});

test("a value that can't be is refused at its field, and nothing starts before it is corrected", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto(`${RECALL}/start?step=settings`);
  const field = page.getByLabel("多久未下单算流失");
  await field.fill("2");
  const wrong = page.getByRole("alert").filter({ hasText: "最少" });
  await expect(wrong).toBeVisible();
  const walk = page.getByRole("navigation", { name: "步骤" });
  await expect(walk.getByRole("button", { name: /设置.*要改正/ })).toBeVisible();
  await walk.getByRole("button", { name: /确认/ }).click();
  const stage = page.getByRole("region", { name: "确认" });
  await expect(stage).toContainText("这些改正之后才能启动");
  await expect(stage.getByRole("button", { name: /^启\s?动$|按新设置运行/ })).toBeDisabled();
  expect((await axe(page).analyze()).violations.map((one) => one.id)).toEqual([]);
  await stage.getByRole("button", { name: "去改正" }).click();
  await expect(field).toHaveValue("2");
  await field.fill("60");
  await expect(wrong).toBeHidden();
  await walk.getByRole("button", { name: /确认/ }).click();
  await expect(stage.getByRole("button", { name: /^启\s?动$|按新设置运行/ })).toBeEnabled();
});

test("who may only look is told what it takes to start", async ({ page, as, demo }) => {
  const { staff } = await asked<{ staff: Member[] }>(page, demo, "GET", "/api/v1/staff");
  const one = staff.find((member) => member.code === "operator");
  if (!one) throw new Error("the demo has no operator");
  const turn = (role: string) => {
    const { name, store } = one;
    return asked(page, demo, "PUT", "/api/v1/staff/operator", { name, store, role, by: "story" });
  };
  await as("operator");
  await turn("auditor");
  try {
    await page.goto(RECALL);
    await expect(page.getByText(/启动和停止需要/)).toContainText("运营");
    await expect(page.getByRole("region", { name: "怎么衡量" })).toContainText("对照组");
    await expect(page.getByRole("button", { name: /启动|停止|调整/ })).toHaveCount(0);
    await page.goto(`${RECALL}/start`);
    await expect(page.getByRole("alert")).toContainText("权限");
  } finally {
    await turn(one.role);
  }
});

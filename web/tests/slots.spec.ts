import { asked, expect, inEnglish, test } from "./demo";
import { service } from "./slots";

interface Link {
  url: string;
}
interface Customers {
  customers: { customer: string; name_masked: string }[];
}

test("a service is filled in, a day of its store closed and opened again", async ({ page, as }) => {
  await as("operator");
  await page.goto("/tasks/slots");
  await page.getByRole("button", { name: "新建服务" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel(/^编码( \*)?$/).fill("story-cleaning");
  await drawer.getByLabel("名称 中文").fill("免费清洗");
  await drawer.getByLabel("名称 英文").fill("Free cleaning");
  await drawer.getByLabel("营业时段 1 到").click();
  await page.getByTitle("到 星期日").click();
  await drawer.getByLabel("门店 编码").click();
  await page.getByTitle(/gz-1/).click();
  await expect(drawer.getByText("可以保存")).toBeVisible();
  await drawer.getByRole("button", { name: /^保\s?存$/ }).click();
  await expect(drawer).toBeHidden();
  await page.goto("/tasks/slots?service=story-cleaning");
  await expect(page.locator(".slot-day").first()).toContainText("10:00");
  await page.locator(".slot-day").nth(2).getByRole("button").click();
  await page.getByRole("button", { name: "这天休息" }).click();
  const sure = page.getByRole("dialog");
  await expect(sure).toContainText("客户不能再约这一天");
  await sure.getByRole("button", { name: "这天休息" }).click();
  await expect(page.locator(".slot-day").nth(2)).toContainText("休息");
  await page.getByRole("button", { name: "修改服务" }).click();
  await drawer.getByText("文本", { exact: true }).click();
  await expect(page.locator(".cm-content")).toContainText("closed: [");
  await expect(page.locator(".cm-content")).toContainText("gz-1");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "恢复这天" }).click();
  await expect(page.locator(".slot-day").nth(2)).not.toContainText("休息");
});

test.describe(() => {
  test.use({ mayComplain: /409 \(Conflict\)/ });

  test("a service that somebody else changed is not saved over: theirs is seen, or mine goes on", async ({
    page,
    as,
    demo,
  }) => {
    await service(page, demo, "story-two");
    await as("operator");
    await page.goto("/tasks/slots?service=story-two");
    await page.getByRole("button", { name: "修改服务" }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("名称 中文").fill("我的清洗");
    const text = "service: story-two\ntitle: {zh: 别人的, en: Theirs}\nminutes: 30\n";
    const stores = 'stores: {hz-1: {week: "mon-sun 10:00-18:00"}}\n';
    await asked(page, demo, "PUT", "/api/v1/slots", { text: text + stores, by: "other" });
    const save = drawer.getByRole("button", { name: /^保\s?存$/ });
    await save.click();
    const told = drawer.getByRole("alert").filter({ hasText: "它又被改过" });
    await expect(told).toBeVisible();
    await told.getByRole("button", { name: "看现在的内容" }).click();
    await expect(drawer.getByLabel("名称 中文")).toHaveValue("别人的");
    await expect(told).toBeHidden();
    await drawer.getByRole("button", { name: "撤销", exact: true }).click();
    await expect(drawer.getByLabel("名称 中文")).toHaveValue("我的清洗");
    await save.click();
    await expect(drawer).toBeHidden();
  });
});

test("who booked on a page is seen masked in the store's day, and marked as come", async ({
  page,
  as,
  demo,
}, { retry }) => {
  const code = `story-visit-${retry}`;
  await service(page, demo, code);
  const text = `page: ${code}\nkind: booking\ntitle: {zh: 预约, en: Book}\nservice: ${code}\n`;
  await asked(page, demo, "PUT", "/api/v1/pages", { text, by: "story" });
  const { customers } = await asked<Customers>(page, demo, "GET", "/api/v1/customers?limit=50");
  const visitors = customers.filter((one) => one.name_masked.includes("*"));
  const link = await asked<Link>(page, demo, "POST", `/api/v1/pages/${code}/link`, {
    customer: visitors[0]?.customer,
  });
  const visitor = await page.context().newPage();
  const path = link.url.slice(link.url.indexOf("/p/"));
  await visitor.goto(`${demo.url}${path}`);
  await visitor.locator("label.pick").first().click();
  await visitor.locator("form button").first().click();
  await expect(visitor.locator(".code")).toBeVisible();
  await visitor.close();

  await inEnglish(page);
  await as("operator");
  await page.goto(`/tasks/slots?service=${code}&store=gz-1`);
  const booked = page.locator(".slot-day", { hasText: /1 booked of/ });
  await booked.getByRole("button").click();
  const row = page.locator("tbody tr.ant-table-row", { hasText: code });
  await expect(row).toContainText("*");
  await row.getByRole("button", { name: "Came" }).click();
  await expect(row).toContainText("came");
  await expect(page.getByRole("region", { name: "The last 28 days" })).toContainText("100");
});

import { customerOf } from "./customers";
import { asked, expect, inEnglish, test } from "./demo";

const AGAIN = Date.now().toString(36); // told again on the same demo it is another one
const TITLE = `春季短信 ${AGAIN}`;
const SPRING = `- code: story-${AGAIN}
  channel: sms
  title: ${TITLE}
  tags: [故事]
  variables: {brand: text, name: text}
  zh: 【{{ brand }}】{{ name }}，送您凉鞋护理套装
  en: "[{{ brand }}] {{ name }}, a care kit is yours, free."
`;
const POSTER = (code: string) => `- code: ${code}
  channel: wecom_message
  kind: poster
  title: 周末到店
  variables: {shop: link}
  links: {shop: "https://shop.example/spring"}
  zh: 周末到店有礼
  en: A gift at the shop this weekend
  colour: "#c8102e"
  heading: {zh: 周末到店, en: Come this weekend}
  benefit: {zh: 人人有礼, en: A gift for everyone}
  same_code: true
`;

test("a material is brought in as a draft, mended beside its findings, reviewed and retired", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/content");
  await page.getByRole("button", { name: "导入文件" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.locator("input[type=file]").setInputFiles({
    name: "materials.yaml",
    mimeType: "text/yaml",
    buffer: Buffer.from(SPRING),
  });
  await expect(drawer.getByRole("status")).toContainText("1 个素材");
  await drawer.getByRole("button", { name: "导入为草稿" }).click();
  await expect(page.getByText("导入了 1 个素材，其中 1 个有新内容")).toBeVisible();

  await page.getByLabel("按标题、编码、标签或负责人查找").fill(TITLE);
  await expect(page).toHaveURL(/q=/);
  await page.getByRole("link", { name: TITLE }).click();
  const texts = page.getByRole("region", { name: "内容" });
  await expect(texts.locator(".content-finding").first()).toContainText(/没有说明如何退订/);
  await expect(page.locator(".page-head")).toContainText("草稿");

  await page.getByRole("button", { name: /^编\s?辑$/ }).click();
  await page
    .getByRole("textbox", { name: "中文" }) // the page that is left has a part of that name, too
    .fill("【{{ brand }}】{{ name }}，今天送您 1 套凉鞋护理套装 拒收请回复R");
  await expect(page.getByRole("textbox", { name: "中文" })).toHaveValue(/今天送您/);
  await page
    .getByRole("textbox", { name: "英文" })
    .fill("[{{ brand }}] {{ name }}, today 1 care kit is yours, free. Reply STOP to opt out");
  await expect(page.getByRole("status").filter({ hasText: "检查过" })).toBeVisible();
  await page.getByRole("button", { name: "存为草稿" }).click();
  await expect(page.locator(".page-head")).toContainText("第 2 版");
  await expect(texts.locator(".content-finding")).toHaveCount(0);

  await page.getByRole("button", { name: "提交审核" }).click();
  await expect(page.locator(".page-head")).toContainText("待审核");
  await page.getByRole("button", { name: /^更\s?多$/ }).click();
  await page.getByRole("menuitem", { name: "不通过" }).click();
  const refuse = page.getByRole("dialog");
  await refuse.getByRole("button", { name: "不通过" }).click();
  await expect(refuse.getByText("请写明原因")).toBeVisible();
  await refuse.getByLabel("原因（作者会看到）").fill("套装还没到货");
  await refuse.getByRole("button", { name: "不通过" }).click();
  await expect(page.locator(".page-head")).toContainText("未通过");
  await page.getByRole("tab", { name: "版本" }).click();
  await expect(page.getByRole("row", { name: /第 2 版/ })).toContainText("套装还没到货");
  await page.getByRole("button", { name: "对比上一版" }).click();
  await expect(page.locator(".content-diff .tone-ours").first()).toContainText("今天送您");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: /^通\s?过$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^通\s?过$/ })
    .click();
  await expect(page.locator(".page-head")).toContainText("已通过");

  await page.getByRole("button", { name: /^更\s?多$/ }).click();
  await page.getByRole("menuitem", { name: /停\s?用/ }).click();
  const retire = page.getByRole("dialog", { name: `停用「${TITLE}」？` });
  await expect(retire).toContainText("没有旅程在用它");
  await retire.getByRole("button", { name: /停\s?用/ }).click();
  await expect(page.locator(".page-head")).toContainText("已停用");
});

test("a poster is shown to a chosen customer as the picture that is sent", async ({
  page,
  as,
  demo,
}) => {
  await inEnglish(page);
  await as("operator");
  const code = `poster-${AGAIN}`;
  await asked(page, demo, "POST", "/api/v1/materials", { text: POSTER(code), by: "story" });
  await page.goto(`/content/materials/${code}`);
  await expect(page.getByText("The same for everybody, not counted")).toBeVisible();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.getByLabel("Choose a customer").fill(await customerOf(page));
  await preview.locator(".content-hit").first().click();

  const poster = preview.getByRole("img", { name: "The poster" });
  await expect(poster).toHaveJSProperty("naturalWidth", 1080);
});

test("what a playbook's material says to a chosen customer, where it is used and what it did", async ({
  page,
  as,
}) => {
  await inEnglish(page);
  await as("operator");
  await page.goto("/content/materials/invite-sms");
  const uses = page.getByRole("region", { name: "Where it is used" });
  await expect(uses.getByRole("link", { name: /step sms/ }).first()).toBeVisible();
  await expect(page.getByText(/belongs to the playbook cascade/)).toBeVisible();

  const preview = page.getByRole("region", { name: "Preview" });
  await preview.getByLabel("Choose a customer").fill(await customerOf(page));
  await preview.locator(".content-hit").first().click();
  await expect(preview.locator(".content-bubble")).toContainText(/\*/); // a masked name
  await expect(preview).toContainText("SMS segment");

  await page.getByRole("tab", { name: "Performance" }).click();
  const did = page.getByRole("region", { name: "Performance" });
  await expect(did.getByRole("row").nth(1)).toContainText(/\d/, { timeout: 60_000 });

  await page.goto("/content/materials/invite-sms");
  await page.getByRole("button", { name: "Copy as my own" }).click();
  await expect(page.getByLabel("Code")).toHaveValue("invite-sms-own");
  await page.getByRole("link", { name: "Home" }).click();
  await expect(page).not.toHaveURL(/edit/); // nothing was changed, so nothing is asked
});

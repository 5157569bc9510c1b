import type { Page } from "@playwright/test";
import { asked, expect, test } from "./demo";
import { uploaded } from "./files";
import type { Demo } from "./server";

const HEADER =
  "主订单编号,子订单编号,选购商品,商品数量,订单应付金额,收件人手机号,支付完成时间,订单状态";

/** By the demo's own clock, as a file that was just put here tells it. */
async function anHourAgo(page: Page, demo: Demo): Promise<string> {
  const path = await uploaded(page, demo, "clock.csv", Buffer.from(`a,b\n${Date.now()},1\n`));
  const { uploaded_at } = await asked<{ uploaded_at: string }>(
    page,
    demo,
    "GET",
    path.replace("/settings", "/api/v1"),
  );
  return new Date(Date.parse(uploaded_at) - 3_600_000).toISOString();
}

test("masked phones go out as a list and come back as buyers", async ({ page, demo, as }) => {
  await as("owner");
  const number = `69${Date.now()}0001`;
  const paid = await anHourAgo(page, demo);
  const row = `${number},1,面膜,1,28.90,138****0001,${paid},待发货`;
  const body = Buffer.from([HEADER, row, ""].join("\n"), "utf8");
  const path = await uploaded(page, demo, "douyin.csv", body);
  const upload = path.split("/").at(-1);
  await asked(page, demo, "POST", `/api/v1/imports/${upload}/start`, { by: "story" });

  await expect(async () => {
    await page.goto("/tasks/reveals");
    await expect(page.getByRole("link", { name: number })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 40_000 });
  const line = page.getByRole("row").filter({ hasText: number });
  await expect(line).toContainText("138****0001");
  await expect(page.getByRole("link", { name: "下载清单" })).toHaveAttribute(
    "href",
    "/api/v1/reveals/file",
  );

  const filled = (phone: string) => ({
    name: "reveals.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`店铺,订单号,手机号\ndouyin,${number},${phone}\n`, "utf8"),
  });
  await page.locator("input[type=file]").setInputFiles(filled("13900000001"));
  await expect(page.getByText("第 2 行 手机号：与订单里能看到的几位不符")).toBeVisible();
  await page.locator("input[type=file]").setInputFiles(filled("13800000001"));
  await expect(page.getByText("认出 1 位买家")).toBeVisible();
});

import type { Page } from "@playwright/test";
import { expect } from "./demo";
import type { Demo } from "./server";

export const HEADER =
  "订单编号,付款时间,商品名称,商家编码,数量,实付金额,买家会员名,收件人手机号,收件人";

/** The rows of a shop's export, each story with order numbers of its own. */
export function rowsOf(story: string): Record<"good" | "second" | "masked" | "broken", string> {
  return {
    good: `${story}1,2025-11-01 10:00:00,精华,S1,1,199.00,${story}-mei,13900000001,王小明`,
    second: `${story}2,2025-11-01 11:00:00,面霜,S2,2,398.00,${story}-lan,13900000002,李兰`,
    masked: `${story}3,2025-11-02 10:00:00,精华,S1,1,199.00,${story}-hua,139****0003,赵*`,
    broken: `${story}4,昨天,精华,S1,1,199.00,${story}-yu,13900000004,林雨`,
  };
}

export const text = (...rows: string[]) => Buffer.from([HEADER, ...rows, ""].join("\n"), "utf8");

/** Put a file here without the page: its address once it was looked at. */
export async function uploaded(
  page: Page,
  demo: Demo,
  name: string,
  body: Buffer,
): Promise<string> {
  const headers = {
    Authorization: `Bearer ${demo.apiKey}`,
    "Content-Type": "application/octet-stream",
  };
  const path = `${demo.url}/api/v1/imports`;
  const put = await page.request.post(`${path}?by=story&name=${name}`, { data: body, headers });
  expect(put.ok(), await put.text()).toBe(true);
  const { id } = await put.json();
  await expect
    .poll(async () => (await (await page.request.get(`${path}/${id}`, { headers })).json()).state)
    .not.toBe("looking");
  return `/settings/imports/${id}`;
}

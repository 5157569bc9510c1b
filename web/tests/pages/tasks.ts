import type { Page } from "@playwright/test";
import { calls } from "../calls";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const guide = (demo: Demo) => demo.accounts.find((one) => one.role === "guide")?.code ?? "";

/** Work on the guide's list, so that there is something to see. */
function busy(path: string) {
  return async (page: Page, demo: Demo) => {
    const staff = guide(demo);
    const list = `/api/v1/tasks?kind=call&staff=${staff}`;
    const { tasks } = await asked<{ tasks: unknown[] }>(page, demo, "GET", list);
    if (tasks.length < 3) await calls(page, demo, 4, staff);
    return path;
  };
}

export const pages: Looked[] = [
  { name: "tasks", path: busy("/tasks"), as: "guide", phone: true, ready: ".tasks-card" },
  {
    name: "tasks-desk",
    path: busy("/tasks/desk"),
    as: "guide",
    phone: true,
    before: async (page) => {
      await page.getByRole("button", { name: /开始|Start/ }).click();
      await page.locator(".tasks-keys").waitFor();
    },
  },
  { name: "tasks-presses", path: "/tasks/presses", as: "operator", phone: true },
  { name: "tasks-reveals", path: "/tasks/reveals", as: "operator" },
  { name: "tasks-team", path: busy("/tasks/team"), as: "operator", ready: ".ant-table-row" },
];

import { test as base, expect, type Page } from "@playwright/test";
import { type Demo, demo } from "./server";

export { expect };

export type Role = "operator" | "guide" | "owner" | "engineer" | "auditor";

interface Fixtures {
  demo: Demo;
  /** Sign in as the demo's account of this role, without the form. */
  as: (role: Role, page?: Page) => Promise<void>;
  /** What the browser may complain of in this story; anything else fails it. */
  mayComplain: RegExp;
}

/** A browser on the demo, in Chinese; whatever the browser's console complains of fails the story. */
export const test = base.extend<Fixtures>({
  mayComplain: [/(?!)/, { option: true }],
  demo: async ({}, use, { project }) => {
    await use(demo(project.name));
  },
  baseURL: async ({ demo }, use) => {
    await use(demo.url);
  },
  page: async ({ page, mayComplain }, use) => {
    const complaints = listen(page);
    await use(page);
    expect(complaints().filter((one) => !mayComplain.test(one))).toEqual([]);
  },
  as: async ({ page, demo }, use) => {
    await use(async (role, on = page) => signIn(on, demo, role));
  },
});

export async function signIn(page: Page, demo: Demo, role: Role): Promise<void> {
  const account = demo.accounts.find((one) => one.role === role);
  if (!account) throw new Error(`the demo has no account of role ${role}`);
  const { code, password } = account;
  const answer = await page.request.post(`${demo.url}/api/v1/session`, {
    data: { code, password },
  });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** Ask the API as whoever holds the key: to make what a story needs. */
export async function asked<Answer>(
  page: Page,
  demo: Demo,
  method: string,
  path: string,
  data?: unknown,
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${demo.apiKey}` };
  const answer = await page.request.fetch(`${demo.url}${path}`, { method, data, headers });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return answer.json();
}

export async function inEnglish(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("siyu.language", "en"));
}

// Nobody is signed in yet; and axe, which looks for a script of its own in a preview that runs none.
const OURS = [/401 .*\/api\/v1\/session/, /^Blocked script execution in 'about:srcdoc'/];

function listen(page: Page): () => string[] {
  const found: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") found.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => found.push(String(error)));
  return () => found.filter((one) => !OURS.some((may) => may.test(one)));
}

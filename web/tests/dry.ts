import { expect, type Page } from "@playwright/test";
import { asked } from "./demo";
import type { Demo } from "./server";

const DAY = 86_400_000;
const RUNS = "/api/v1/journeys/dry-runs";

export interface Tried {
  id: string;
  state: string;
  answer: { entered: number; customers: number; steps: { step: string; sent: number }[] } | null;
}

interface Versions {
  versions: { published_at: string }[];
}

export const dry = (page: Page, demo: Demo, id: string) =>
  asked<Tried>(page, demo, "GET", `${RUNS}/${id}`);

/** Where the answer of a dry run of the demo's cascade on its second day is. */
export async function dried(page: Page, demo: Demo): Promise<string> {
  const path = "/api/v1/journeys/cascade/versions";
  const { versions } = await asked<Versions>(page, demo, "GET", path);
  const { text } = await asked<{ text: string }>(page, demo, "GET", `${path}/1`);
  const begun = Math.min(...versions.map((one) => new Date(one.published_at).getTime()));
  const from = new Date(begun + DAY).toISOString().slice(0, 10);
  const body = { text, from, to: from, ranges: false, by: "test" };
  const { id } = await asked<Tried>(page, demo, "POST", RUNS, body);
  await expect
    .poll(async () => (await dry(page, demo, id)).state, { timeout: 60_000 })
    .toBe("done");
  return `/journeys/cascade/dry-runs/${id}`;
}

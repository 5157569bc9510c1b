import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const MONDAYS = `journey: gate-mondays
title: {zh: 周一护肤课堂, en: Monday skin class}
enter: {every: monday 10:00, segment: {all: [{orders: {}}, {tag: gate-nobody}]}}
steps:
  - {id: before, wait: {festival: mid_autumn, less: 3d, at: "20:00"}}
  - {id: out, exit: done}
`;
const TEXT = `- code: gate-autumn
  channel: wecom_message
  title: 中秋问候
  valid_from: 2026-09-18
  valid_until: 2026-09-26
  variables: {name: text}
  zh: "{{ name }}，中秋快乐"
  en: "{{ name }}, happy mid-autumn"
`;

/** A journey that takes nobody in, and a material with days. */
export async function planned(page: Page, demo: Demo): Promise<void> {
  await asked(page, demo, "POST", "/api/v1/journeys", { text: MONDAYS, by: "gate" });
  await asked(page, demo, "POST", "/api/v1/materials", { text: TEXT, draft: true, by: "gate" });
}

const at = (filters: string) => async (page: Page, demo: Demo) => {
  await planned(page, demo);
  return `/journeys/calendar?${filters}`;
};

export const pages: Looked[] = [
  { name: "calendar", path: at("day=2026-09-20"), phone: true, ready: ".cal-entry a" },
  {
    name: "calendar-week",
    path: at("day=2026-09-24&view=week"),
    phone: true,
    ready: ".cal-entry a",
  },
];

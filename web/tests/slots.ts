import type { Page } from "@playwright/test";
import { asked } from "./demo";
import type { Demo } from "./server";

/** A service that the demo's stores take bookings for, every day. */
export async function service(page: Page, demo: Demo, code: string): Promise<void> {
  const text = `service: ${code}
title: {zh: 免费清洗, en: Free cleaning}
minutes: 60
stores:
  hz-1: {week: "mon-sun 10:00-18:00", capacity: 2}   # by the lake
  gz-1: {week: "mon-sun 10:00-12:00", capacity: 1}
`;
  await asked(page, demo, "PUT", "/api/v1/slots", { text, by: "story" });
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { asked, expect } from "./demo";
import type { Demo } from "./server";

const PLAYBOOK = `playbook: shelf-of-stories
title: {zh: 故事的权益, en: Offers of the stories}
about: {zh: 供浏览器故事使用。, en: For stories in the browser.}
offers:
  - code: story-sample
    kind: sample
    title: {zh: 精华小样, en: serum sample}
    value: {CNY: "29.00", GBP: "3.20", USD: "4.00", EUR: "3.70"}
    sku: SERUM-S
    stores: {east: 40, west: 10}
  - code: story-coupon
    kind: coupon
    title: {zh: 满 199 减 20, en: 20 off 199}
    value: {CNY: "20.00", GBP: "2.20", USD: "2.80", EUR: "2.60"}
    codes: pool
  - code: story-packet
    kind: red_packet
    title: {zh: 开春红包, en: spring red packet}
    value: {CNY: "3.00", GBP: "0.40", USD: "0.50", EUR: "0.45"}
    draw: {least: {CNY: "1.00", GBP: "0.10", USD: "0.10", EUR: "0.10"}, most: {CNY: "99.00", GBP: "9.00", USD: "9.00", EUR: "9.00"}}
    budget: {CNY: "2000.00", GBP: "200.00", USD: "200.00", EUR: "200.00"}
    pieces: 800
sources: []
`;

const installed = new Set<string>();

/** Offers that have allotments, and somebody who reserved some: once for a demo. */
export async function withOffers(page: Page, demo: Demo): Promise<void> {
  if (installed.has(demo.home)) return;
  const folder = mkdtempSync(join(tmpdir(), "siyu-playbook-"));
  writeFileSync(join(folder, "playbook.yaml"), PLAYBOOK);
  writeFileSync(join(folder, "materials.yaml"), "[]\n");
  const ran = spawnSync("../.venv/bin/siyu", ["playbook", "install", folder, "--home", demo.home], {
    encoding: "utf-8",
    env: { ...process.env, SIYU_DEMO: undefined }, // is ours
  });
  expect(ran.status, `${ran.stdout}${ran.stderr}`).toBe(0);
  const { customers } = await asked<{ customers: { customer: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/customers?limit=9",
  );
  const asks = customers.map(({ customer }, place) => ({
    key: `story-${place}`,
    customer,
    store: place < 6 ? "west" : "east",
    commit: place % 3 > 0,
  }));
  await asked(page, demo, "POST", "/api/v1/offers/story-sample/reservations", { asks });
  await asked(page, demo, "POST", "/api/v1/offers/story-packet/reservations", {
    asks: asks.map(({ key, customer }) => ({ key, customer, commit: true })),
  });
  installed.add(demo.home);
}

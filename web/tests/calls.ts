import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { asked } from "./demo";
import type { Demo } from "./server";

const SHOP = "tmall-flagship";
const NAMES = ["林小雨", "陈思远", "王晓燕", "周文博", "吴佳怡"];

/** Customers enter by hand; each is promised a gift and called by a person. */
const JOURNEY = `journey: desk-calls
title: {zh: 人工回访, en: Calls by hand}
reenter: each
steps:
  - id: promise
    offer: {promise: face-mask, expires: 30d}
  - id: human
    task: {kind: call, channel: voice_human, material: call-script, purpose: order_invitation, lane: now, priority: 9, code: new-orders/human}
  - {id: end, exit: told}
`;

const by = "story";
let made = 0;

/** A call to be made, and the order that it is about. */
export interface Made {
  id: string;
  order_no: string;
}

/** So many open calls on somebody's list, about buyers whose orders nobody has told of before. */
export async function calls(page: Page, demo: Demo, many: number, staff: string): Promise<Made[]> {
  await asked(page, demo, "POST", "/api/v1/journeys", { text: JOURNEY, by });
  const now = await clock(page, demo);
  const run = `${Date.now().toString(36)}${made++}`;
  const orders = Array.from({ length: many }, (_, place) => `D${run}${place}`);
  await tell(
    page,
    demo,
    orders.flatMap((order, place) => facts(order, place, now)),
  );
  const hours = await atAnyHour(page, demo);
  try {
    await letIn(page, demo, orders);
    await expect
      .poll(async () => (await about(page, demo, orders)).length, { timeout: 30_000 })
      .toBe(many);
  } finally {
    await asked(page, demo, "PUT", "/api/v1/budget/rules", { hours: [hours], by });
  }
  const found = await about(page, demo, orders);
  const tasks = found.map((one) => one.id);
  await asked(page, demo, "POST", "/api/v1/tasks/reassign", { tasks, to: staff, by });
  return found;
}

type Hours = { channel: string; purpose: string; hours: string };

/** The demo may stand at night, when nobody is called: gives the hours that were set. */
async function atAnyHour(page: Page, demo: Demo): Promise<Hours> {
  const which = { channel: "voice_human", purpose: "order_invitation" };
  const path = "/api/v1/budget/rules";
  const rules = await asked<{ hours: Hours[] }>(page, demo, "GET", path);
  const set = { ...which, hours: "00:00-23:59" };
  await asked(page, demo, "PUT", path, { hours: [set], by });
  const before = rules.hours.find(
    (one) => one.channel === which.channel && one.purpose === which.purpose,
  );
  return before ?? { ...which, hours: "09:00-21:00" };
}

/** Orders are known once their events are applied. */
async function letIn(page: Page, demo: Demo, orders: string[]): Promise<void> {
  const people = orders.map((order) => ({ by: "order", value: `${SHOP}/${order}` }));
  const path = "/api/v1/journeys/desk-calls/entries";
  await expect(async () => {
    const { entries } = await asked<{ entries: { customer: string }[] }>(page, demo, "POST", path, {
      people,
      by,
    });
    expect(entries.filter((one) => one.customer).length).toBe(orders.length);
  }).toPass({ timeout: 20_000 });
}

async function about(page: Page, demo: Demo, orders: string[]): Promise<Made[]> {
  const { tasks } = await asked<{ tasks: Made[] }>(
    page,
    demo,
    "GET",
    "/api/v1/tasks?kind=call&limit=1000",
  );
  return tasks.filter((one) => orders.includes(one.order_no));
}

/** The installation's time. */
async function clock(page: Page, demo: Demo): Promise<Date> {
  const { now } = await asked<{ now: string }>(page, demo, "GET", "/api/v1/session");
  return new Date(now);
}

function facts(order: string, place: number, now: Date): object[] {
  const phone = `139${String(Date.now() % 1_000_000).padStart(6, "0")}${String(place).padStart(2, "0")}`;
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const event = (kind: string, at: string, data: object, keys = {}, person = {}) => ({
    source: "story",
    id: `${kind}/${order}`,
    kind,
    occurred_at: at,
    data,
    keys,
    person,
  });
  const line = {
    sku: "SERUM",
    title: "焕亮精华 30 ml",
    category: "护肤",
    quantity: 1,
    unit_minor: 19900,
    amount_minor: 19900,
  };
  return [
    event(
      "consent.given",
      ago(181),
      {
        channels: ["sms", "voice", "wecom"],
        purposes: ["order_invitation", "service"],
        basis: "consent",
        evidence: "checkout form 3",
      },
      { phone },
    ),
    event(
      "order.paid",
      ago(180), // too old for the cascade, which would send a text
      { shop: SHOP, order_no: order, currency: "CNY", total_minor: 19900, lines: [line] },
      { phone, buyer: `tmall/${order}` },
      { name: NAMES[place % NAMES.length] },
    ),
    event("parcel.planned", ago(120), {
      parcel_no: `P${order}`,
      shop: SHOP,
      orders: [order],
      main_order: order,
      cutoff_at: ago(-20 * 60),
    }),
  ];
}

async function tell(page: Page, demo: Demo, events: object[]): Promise<void> {
  const secret = readFileSync(join(demo.home, "keys", "ingest_secret"), "utf-8").trim();
  const body = JSON.stringify({ events });
  const at = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  const answer = await page.request.fetch(`${demo.url}/api/v1/events`, {
    method: "POST",
    data: Buffer.from(body),
    headers: {
      "Content-Type": "application/json",
      "X-Siyu-Timestamp": at,
      "X-Siyu-Signature": signature,
    },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  const { answers } = await answer.json();
  expect(answers.filter((one: { status: string }) => one.status !== "accepted")).toEqual([]);
}

/** Somebody who has become this guide's friend, of whom nobody knows which buyer they are: their nickname. */
export async function friend(page: Page, demo: Demo, staff: string): Promise<string> {
  const now = await clock(page, demo);
  const run = `${Date.now().toString(36)}${made++}`;
  const nickname = `夏天的猫${run}`;
  const event = {
    source: "story",
    id: `friend/${run}`,
    kind: "friend.added",
    occurred_at: new Date(now.getTime() - 3_600_000).toISOString(),
    data: { staff },
    keys: { external_userid: `wm${run}` },
    person: { name: nickname },
  };
  await tell(page, demo, [event]);
  return nickname;
}

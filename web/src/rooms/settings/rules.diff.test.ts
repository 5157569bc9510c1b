import { expect, test } from "vitest";
import { changeOf, type Rules } from "./rules.diff";

const RULES: Rules = {
  caps: [{ layer: "*", channel: "*", purpose: "promotion", days: 7, most: 2 }],
  hours: [{ channel: "*", purpose: "promotion", hours: "09:00-20:00" }],
  quotas: [{ channel: "sms", per: "brand", period: "day", most: 1000 }],
  pace: { window_hours: 2, presses: null, cooldown_days: 30 },
  shops: [],
};

test("nothing changed is nothing to tell", () => {
  expect(changeOf(RULES, structuredClone(RULES))).toEqual({ body: { by: "" }, lines: [] });
});

test("a changed value, a new rule and one that goes are told apart", () => {
  const after = structuredClone(RULES);
  after.hours = [{ channel: "*", purpose: "promotion", hours: "09:00-18:00" }];
  after.caps = [...RULES.caps, { layer: "A4", channel: "sms", purpose: "*", days: 30, most: 4 }];
  after.quotas = [];
  const { body, lines } = changeOf(RULES, after);

  expect(body).toEqual({
    by: "",
    hours: after.hours,
    caps: [after.caps[1]],
    drop: { quotas: [{ channel: "sms", per: "brand", period: "day" }] },
  });
  expect(lines.map((one) => [one.of, one.before, one.after])).toEqual([
    ["hours", "09:00-20:00", "09:00-18:00"],
    ["caps", null, 4],
    ["quotas", 1000, null],
  ]);
});

test("the change back is the undo", () => {
  const after = { ...RULES, pace: { ...RULES.pace, presses: 40 } };
  const { body } = changeOf(after, RULES);

  expect(changeOf(RULES, after).lines).toEqual([{ of: "presses", key: {}, before: "", after: 40 }]);
  expect(body).toEqual({ by: "", pace: RULES.pace });
});

test("a policy whose note alone changes is told", () => {
  const shop = { shop: "s", channel: "sms", allowed: false, note: "" };
  const before = { ...RULES, shops: [shop] };
  const after = { ...RULES, shops: [{ ...shop, note: "platform" }] };

  expect(changeOf(before, after).body).toEqual({ by: "", shops: after.shops });
});

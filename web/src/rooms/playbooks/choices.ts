import { useState } from "react";
import type { components } from "@/api/schema";

export type Preview = components["schemas"]["PlaybookPreview"];
export type Step = (typeof STEPS)[number];

export const STEPS = [
  "source",
  "policy",
  "offer",
  "staff",
  "budget",
  "settings",
  "pilot",
  "forecast",
  "confirm",
] as const;

export interface Allowed {
  shop: string;
  channel: string;
  allowed: boolean;
  note: string;
}

export interface Budget {
  total_minor: number | null;
  daily_minor: number | null;
}

/** What is chosen for a start. `tried`: the settings that the forecast was asked with. */
export interface Choices {
  settings: Record<string, string>;
  pilot: number | null;
  shops: string[];
  staff: string[];
  budget: Budget | null;
  policy: Allowed[];
  forecast: string;
  tried: string;
}

/** How it stands: what a running one goes by, else nothing but defaults. */
interface Standing {
  state: string;
  pilot: number | null;
  shops: string[];
  staff: string[];
  budget: Budget | null;
  settings: readonly { name: string; value: string | null; default: string | null }[];
}

export function begun(of: Standing): Choices {
  const { total_minor = null, daily_minor = null } = of.budget ?? {};
  return {
    settings: Object.fromEntries(
      of.settings.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])),
    ),
    pilot: of.state === "running" ? of.pilot : null,
    shops: of.shops,
    staff: of.staff,
    budget: of.budget && { total_minor, daily_minor },
    policy: [],
    forecast: "",
    tried: "",
  };
}

const place = (name: string) => `siyu.playbook.${name}`;

/** What was chosen so far stays in this window, whichever page one looks at meanwhile. */
export function useChoices(
  name: string,
  of: Standing,
): [Choices, (change: Partial<Choices>) => void, () => void] {
  const [chosen, choose] = useState<Choices>(() => ({ ...begun(of), ...kept(name) }));
  const change = (some: Partial<Choices>) =>
    choose((before) => {
      const next = { ...before, ...some };
      sessionStorage.setItem(place(name), JSON.stringify(next));
      return next;
    });
  const forget = () => {
    sessionStorage.removeItem(place(name));
    choose(begun(of));
  };
  return [chosen, change, forget];
}

function kept(name: string): Partial<Choices> {
  try {
    return JSON.parse(sessionStorage.getItem(place(name)) ?? "{}");
  } catch {
    return {};
  }
}

/** What is asked of the server: an empty value is one that nobody has said. */
export function bodyOf({ tried: _, ...rest }: Choices) {
  return { ...rest, settings: Object.fromEntries(bodySettings(rest.settings)), by: "" };
}

/** Of the settings that a forecast goes by: has anything changed since? */
export const triedNow = ({ settings }: Choices) => JSON.stringify(bodySettings(settings));

function bodySettings(settings: Record<string, string>): [string, string][] {
  return Object.entries(settings)
    .filter(([, value]) => value.trim() !== "")
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** One row of what shops allow, changed; a row that stands as it stood is no change. */
export function allow(rows: readonly Allowed[], row: Allowed, before: Allowed): Allowed[] {
  const others = rows.filter((one) => one.shop !== row.shop || one.channel !== row.channel);
  const same = row.allowed === before.allowed && row.note === before.note;
  return same ? others : [...others, row];
}

/** Which step a problem belongs to: what is needed stands with where people come from. */
export const stepOf = (problem: { step: string }): Step =>
  STEPS.find((one) => one === problem.step) ?? "source";

const SPAN = /^(\d{1,6})([mhdw])$/;

/** 3d → [3, "d"]; null: it is written otherwise. */
export function spanOf(value: string): [number, string] | null {
  const [, number, unit] = SPAN.exec(value.trim()) ?? [];
  return number && unit ? [Number(number), unit] : null;
}

/** 10% and 0.1 → 10; null: neither. */
export function percentOf(value: string): number | null {
  const text = value.trim();
  const number = Number(text.endsWith("%") ? text.slice(0, -1) : Number(text) * 100);
  return text !== "" && Number.isFinite(number) ? Math.round(number * 10_000) / 10_000 : null;
}

import { api } from "@/api/client";
import type { SchemaDrawn } from "@/api/schema";
import { useMay } from "@/api/session";
import vocabulary from "@/api/vocabulary.json";
import {
  type Tongue as Conditions,
  sentence,
  useTongue as useConditions,
} from "@/rooms/segments/say";
import { whenOf } from "@/rooms/segments/tree";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import type { Undoing } from "@/ui/text/history";
import { move } from "@/ui/text/splice";
import { type Path, whereOf } from "@/ui/text/spots";
import { inline } from "@/ui/text/yaml";
import { type Language, useLanguage } from "@/ui/words";
import { useBoard } from "./board.words";
import { addEntry, setAt } from "./edits";
import type { Plan, PlanStep } from "./plan";
import { span } from "./said";

export type Found = SchemaDrawn["problems"][number];
type Option = { value: string; label: string };

/** What everything on the canvas shares: the text with its plan, words, what is wrong, what there is. */
export interface Desk {
  say: ReturnType<typeof useBoard>;
  language: Language;
  code: ReturnType<typeof useCode>;
  span: (text: string) => string;
  text: string;
  plan: Plan;
  problems: readonly Found[];
  undoing: Undoing;
  put: (next: string, tag?: string) => void;
  set: (path: Path, value: unknown) => void;
  moveEntry: (path: Path, to: number) => void;
  addEntry: (path: Path, some: readonly unknown[], value: Record<string, unknown>) => void;
  nextOf: (id: string) => string;
  known: (takes: string, id: string) => Option[];
  conditions: Conditions | null;
  sentence: (condition: unknown) => string;
}

export function useDesk(
  text: string,
  plan: Plan,
  problems: readonly Found[],
  undoing: Undoing,
): Desk {
  const say = useBoard();
  const [language] = useLanguage();
  const code = useCode();
  const conditions = useForms(plan);
  const known = useKnown(plan);
  const put = undoing.put;
  return {
    say,
    language,
    code,
    span: (said) => span(said, language),
    text,
    plan,
    problems,
    undoing,
    put,
    set: (path, value) => put(setAt(text, path, value), whereOf(path)),
    moveEntry: (path, to) => put(move(text, path, to)),
    addEntry: (path, some, value) => put(addEntry(text, path, some, value)),
    nextOf: (id) => {
      const place = plan.steps.findIndex((one) => one.id === id);
      return (plan.steps[place + 1] ?? plan.steps.find((one) => one.id !== id))?.id ?? "";
    },
    known,
    conditions,
    sentence: (condition) => {
      const when = whenOf(condition);
      return conditions && when ? sentence(when, conditions) : inline(condition);
    },
  };
}

/** The forms of conditions; null while they are not there, or for whoever may not ask for them. */
function useForms(plan: Plan): Conditions | null {
  const may = useMay();
  const query = api.useQuery(
    "get",
    "/api/v1/predicates",
    { params: { query: { of: "journey" } } },
    { staleTime: Number.POSITIVE_INFINITY, enabled: may("segments.read") },
  );
  const steps = plan.steps
    .filter((one) => one.kind === "send" || one.kind === "task")
    .map((one) => one.id);
  const tongue = useConditions(query.data?.families ?? NO_FAMILIES);
  return query.data ? { ...tongue, steps } : null;
}

const NO_FAMILIES: Parameters<typeof useConditions>[0] = [];

/** What a text can refer to, with what it is called. */
function useKnown(plan: Plan): Desk["known"] {
  const code = useCode();
  const names = useNames();
  const { data } = api.useQuery("get", "/api/v1/catalogue", {}, { staleTime: 60_000 });
  const bare = (some: readonly string[] | undefined): Option[] =>
    (some ?? []).map((value) => ({ value, label: value }));
  const called = (value: string, name: string): Option => ({
    value,
    label: name && name !== value ? `${name} (${value})` : value,
  });
  return (takes, id) => {
    switch (takes) {
      case "step":
        return plan.steps.filter((one) => one.id !== id).map((one) => called(one.id, ""));
      case "material": {
        const step = plan.steps.find((one) => one.id === id);
        const channel = channelOf(step);
        return (data?.materials ?? [])
          .filter((one) => !channel || one.channel === channel)
          .map((one) => called(one.code, one.title));
      }
      case "offer":
        return (data?.offers ?? []).map((one) => called(one.code, names.offer(one.code)));
      case "journey":
        return (data?.journeys ?? []).map((one) => called(one, names.journey(one)));
      case "code":
        return bare(data?.codes);
      case "source":
        return bare(data?.sources);
      case "segment":
        return bare(data?.segments);
      case "event":
        return Object.keys(vocabulary.event).map((one) => called(one, code("event", one)));
      case "date":
        return bare(["birthday"]);
      default:
        return [];
    }
  };
}

function channelOf(step: PlanStep | undefined): string {
  const said = step?.said[step.kind];
  return typeof said === "object" && said !== null
    ? String((said as Record<string, unknown>).channel ?? "")
    : "";
}

import { docOf, type Field, type Tongue } from "./say";
import type { Doc } from "./tree";

/** What a condition begins with where its required fields alone would say nothing useful. */
const BEGINS: Record<string, Doc> = {
  stage: { at_least: "A4" },
  known: { within: "30d" },
  spent: { at_least: "100.00" },
  tag: { name: "" },
  event: { kind: "order.paid" },
  date: { name: "birthday", in_days: 7 },
  share: { percent: "10.00" },
  touch: { step: "", is: "finished" },
  value: { name: "wave", is: 1 },
  sequence: { first: { orders: {} }, not_then: { orders: {} }, within: "30d" },
};

/** A condition as it is added: what it must have is there, to be changed. */
export function initial(key: string, forms: Tongue["forms"]): Doc {
  const form = forms.get(key);
  const required = form?.fields.filter((one) => one.required) ?? [];
  const fields = BEGINS[key] ?? Object.fromEntries(required.map((one) => [one.name, begins(one)]));
  return docOf({ key, fields }, forms);
}

function begins(field: Field): unknown {
  if (field.takes === "flag") return true;
  if (field.takes === "number") return 1;
  const first = field.choices[0]?.value;
  if (first) return field.many ? [first] : first;
  return "";
}

import { AutoComplete, Checkbox, Input, InputNumber, Select, Space } from "antd";
import { useId } from "react";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import vocabulary from "@/api/vocabulary.json";
import { initial } from "./initial";
import type { Field, Form, Leaf, Tongue } from "./say";
import { docOf, leafOf } from "./say";
import { type Doc, isDoc } from "./tree";

interface Props {
  form: Form;
  field: Field;
  value: unknown;
  id: string;
  tongue: Tongue;
  set: (value: unknown) => void;
}

/** Every field of a condition, each with the editor of its kind; `inside`: it is a step of a sequence. */
export function Fields(props: {
  leaf: Leaf;
  tongue: Tongue;
  inside?: boolean;
  change: (leaf: Leaf) => void;
}) {
  const { leaf, tongue, inside = false, change } = props;
  const { language, forms } = tongue;
  const base = useId();
  const form = forms.get(leaf.key);
  if (!form) return null;
  const set = (name: string, value: unknown) => {
    const fields = { ...leaf.fields };
    if (value === undefined || value === null || (Array.isArray(value) && !value.length))
      delete fields[name];
    else fields[name] = value;
    change({ key: leaf.key, fields });
  };
  return (
    <div className="seg-fields">
      <p className="quiet seg-help">{form.help[language]}</p>
      {form.fields
        .filter((one) => !(inside && (one.counts || one.name === "yes")))
        .map((field) => {
          const id = `${base}-${field.name}`;
          const wide = field.takes === "step";
          return (
            <div key={field.name} className={wide ? "seg-field seg-wide" : "seg-field"}>
              <label htmlFor={id}>
                {field.name === form.short ? form.title[language] : field.title[language]}
                {field.required && <span aria-hidden="true"> *</span>}
              </label>
              <Editor
                form={form}
                field={field}
                id={id}
                value={leaf.fields[field.name]}
                tongue={tongue}
                set={(value) => set(field.name, value)}
              />
            </div>
          );
        })}
    </div>
  );
}

function Editor(props: Props) {
  const { field, value, id, set, tongue } = props;
  const { say } = tongue;
  switch (field.takes) {
    case "flag":
      return <Flag {...props} />;
    case "number":
      return (
        <InputNumber
          id={id}
          min={0}
          max={1_000_000_000}
          precision={0}
          value={typeof value === "number" ? value : null}
          placeholder={field.default === null ? say("any_value") : String(field.default)}
          onChange={(next) => set(next ?? undefined)}
        />
      );
    case "amount":
      return (
        <InputNumber<string>
          id={id}
          stringMode
          min="0"
          precision={2}
          value={value === undefined ? null : String(value)}
          placeholder={say("any_value")}
          onChange={(next) => set(next ?? undefined)}
        />
      );
    case "span":
      return <Span {...props} />;
    case "choice":
      return <Choice {...props} />;
    case "step":
      return <Step {...props} />;
    case "any":
      return (
        <Input
          id={id}
          value={value === undefined ? "" : String(value)}
          placeholder={say("typed")}
          allowClear
          onChange={(event) => set(plain(event.target.value))}
        />
      );
    default:
      return <Text {...props} />;
  }
}

/** `true` and whole numbers are such; anything else is a text. */
function plain(text: string): unknown {
  if (text === "") return undefined;
  if (text === "true" || text === "false") return text === "true";
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function Flag({ field, value, id, set, tongue: { say } }: Props) {
  if (field.name !== "yes")
    return (
      <Checkbox
        id={id}
        checked={value === true}
        onChange={(event) => set(event.target.checked || undefined)}
      />
    );
  return (
    <Select
      id={id}
      value={value !== false}
      options={[
        { value: true, label: say("yes") },
        { value: false, label: say("no") },
      ]}
      onChange={(next) => set(next || field.required ? next : false)}
    />
  );
}

function Choice({ field, value, id, set, tongue }: Props) {
  const { say, language } = tongue;
  const options = field.choices.map((one) => ({ value: one.value, label: one.title[language] }));
  const given = value === undefined ? undefined : [value].flat().map(String);
  if (field.many)
    return (
      <Select
        id={id}
        mode="multiple"
        options={options}
        value={given ?? []}
        placeholder={say("any_value")}
        onChange={(next) => set(next)}
      />
    );
  const fallback = typeof field.default === "string" ? field.default : undefined;
  return (
    <Select
      id={id}
      options={options}
      value={given?.[0] ?? fallback}
      placeholder={say("any_value")}
      allowClear={!field.required && value !== undefined}
      onChange={(next) => set(next === fallback ? undefined : next)}
    />
  );
}

const UNITS = ["m", "h", "d", "w"] as const;

/** A length of time as a number and its unit. */
function Span({ field, value, id, set, tongue }: Props) {
  const { say, language } = tongue;
  const found = /^(\d+)([smhdw])$/.exec(String(value ?? ""));
  const unit = found?.[2] ?? "d";
  const words = {
    s: say("seconds"),
    m: say("minutes"),
    h: say("hours"),
    d: say("days"),
    w: say("weeks"),
  };
  const units = unit === "s" ? (["s", ...UNITS] as const) : UNITS;
  if (value !== undefined && !found)
    return (
      <Input
        id={id}
        value={String(value)}
        allowClear
        onChange={(e) => set(e.target.value || undefined)}
      />
    );
  return (
    <Space.Compact block>
      <InputNumber
        id={id}
        min={1}
        max={100_000}
        precision={0}
        value={found ? Number(found[1]) : null}
        placeholder={say("any_value")}
        onChange={(next) => set(next ? `${next}${unit}` : undefined)}
      />
      <Select
        aria-label={`${field.title[language]} ${say("unit")}`}
        value={unit}
        disabled={!found}
        options={units.map((one) => ({ value: one, label: words[one] }))}
        onChange={(next) => set(`${found?.[1] ?? 1}${next}`)}
      />
    </Space.Compact>
  );
}

function Text({ form, field, value, id, set, tongue }: Props) {
  const { say } = tongue;
  const known = useKnown(form, field, tongue).concat(
    field.name === "step" ? (tongue.steps ?? []).map((value) => ({ value, label: value })) : [],
  );
  if (field.many)
    return (
      <Select
        id={id}
        mode="tags"
        value={value === undefined ? [] : [value].flat().map(String)}
        options={known}
        placeholder={say("several")}
        onChange={(next) => set(next)}
      />
    );
  if (form.key === "event" && field.name === "kind")
    return (
      <Select
        id={id}
        showSearch={{ optionFilterProp: "label" }}
        value={String(value ?? "") || undefined}
        options={known}
        onChange={(next) => set(next)}
      />
    );
  return (
    <AutoComplete
      id={id}
      value={value === undefined ? "" : String(value)}
      options={known}
      maxLength={120}
      allowClear={!field.required}
      placeholder={field.required ? "" : say("any_value")}
      showSearch={{
        filterOption: (typed, option) =>
          `${option?.label ?? ""} ${option?.value ?? ""}`
            .toLowerCase()
            .includes(typed.toLowerCase()),
      }}
      onChange={(next) => set(next || (field.required ? "" : undefined))}
    />
  );
}

/** What the brand has of it already, with what it is called. */
function useKnown(form: Form, field: Field, tongue: Tongue): { value: string; label: string }[] {
  const may = useMay();
  const tag = form.key === "tag" && ["name", "any_of", "prefix"].includes(field.name);
  const segment = form.key === "segment";
  const named = ["journey", "offer", "shop"].includes(field.name);
  const tags = api.useQuery(
    "get",
    "/api/v1/customers/tags",
    {},
    { enabled: tag && may("customers.read") },
  );
  const segments = api.useQuery(
    "get",
    "/api/v1/segments",
    {},
    { enabled: segment, staleTime: 60_000 },
  );
  const names = api.useQuery("get", "/api/v1/names", {}, { enabled: named, staleTime: 60_000 });
  const shown = (value: string) => {
    const called = tongue.called(form.key, field.name, value);
    return { value, label: called === value ? value : `${called} (${value})` };
  };
  if (tag) return (tags.data?.tags ?? []).map(shown);
  if (segment)
    return (segments.data?.segments ?? [])
      .filter((one) => !one.retired_at)
      .map((one) => shown(one.code));
  if (form.key === "event" && field.name === "kind")
    return Object.keys(vocabulary.event).map(shown);
  if (form.key === "date" && field.name === "name") return [shown("birthday")];
  if (field.name === "channel") return Object.keys(vocabulary.channel).map(shown);
  if (field.name === "purpose") return Object.keys(vocabulary.purpose).map(shown);
  if (named) {
    const found = {
      journey: names.data?.journeys,
      offer: names.data?.offers,
      shop: names.data?.shops,
    };
    return Object.keys(found[field.name as keyof typeof found] ?? {}).map(shown);
  }
  return [];
}

/** Something that happened, inside a sequence. */
function Step({ field, value, id, set, tongue }: Props) {
  const { forms, language, say } = tongue;
  const doc = isDoc(value) ? value : null;
  const leaf = doc && leafOf(doc, forms);
  const steps = [...forms.values()].filter((one) => one.step);
  return (
    <div className="seg-step">
      <Select
        id={id}
        value={leaf?.key}
        placeholder={say("any_value")}
        allowClear={!field.required}
        options={steps.map((one) => ({ value: one.key, label: one.title[language] }))}
        onChange={(key?: string) => set(key ? (initial(key, forms) as Doc) : undefined)}
      />
      {leaf && (
        <Fields leaf={leaf} tongue={tongue} inside change={(next) => set(docOf(next, forms))} />
      )}
    </div>
  );
}

import { Input, InputNumber, Select, Space } from "antd";
import { isDoc } from "@/ui/text/yaml";
import type { Editor } from "./board-field";
import { shapeOf } from "./forms";

const UNITS = ["m", "h", "d", "w"] as const;

/** A length of time as a number and its unit; what has several units is written. */
export function Span({ desk, asks, value, path, set, htmlId, named }: Editor & { named: object }) {
  const { say, language } = desk;
  const text = value === undefined || value === null ? "" : String(value);
  const found = /^(\d{1,9})([smhdw])$/.exec(text);
  const unit = found?.[2] ?? "d";
  const put = (next: string) => set(path, next || (asks.required ? "" : undefined));
  if (text && !found)
    return (
      <Input id={htmlId} {...named} value={text} onChange={(event) => put(event.target.value)} />
    );
  const units = unit === "s" ? (["s", ...UNITS] as const) : UNITS;
  return (
    <Space.Compact block>
      <InputNumber
        id={htmlId}
        {...named}
        min={1}
        max={100_000}
        precision={0}
        value={found ? Number(found[1]) : null}
        onChange={(next) => put(next ? `${next}${unit}` : "")}
      />
      <Select
        aria-label={`${asks.title[language]} ${say("unit")}`}
        value={unit}
        disabled={!found}
        options={units.map((one) => ({ value: one, label: say(one) }))}
        onChange={(next) => put(`${found?.[1] ?? 1}${next}`)}
      />
    </Space.Compact>
  );
}

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** `monday 10:00`. */
export function Times({ desk, asks, value, path, set, htmlId }: Editor) {
  const [day = "", at = ""] = String(value ?? "").split(" ");
  const words = shapeOf("Weekly").fields.find((one) => one.name === "weekday");
  const called = (one: string) =>
    words?.choices.find((choice) => choice.value === one)?.title?.[desk.language] ?? one;
  return (
    <Space.Compact block>
      <Select
        id={htmlId}
        value={day}
        options={[
          { value: "day", label: desk.say("every_day") },
          ...DAYS.map((one) => ({ value: one, label: called(one) })),
        ]}
        onChange={(next) => set(path, `${next} ${at}`)}
      />
      <Input
        aria-label={`${asks.title[desk.language]} 10:00`}
        value={at}
        onChange={(event) => set(path, `${day} ${event.target.value}`)}
      />
    </Space.Compact>
  );
}

/** The same in both languages. */
export function Both({ desk, asks, value, path, set, htmlId }: Editor) {
  const said = isDoc(value) ? value : {};
  return (
    <>
      {(["zh", "en"] as const).map((locale) => (
        <Input
          key={locale}
          id={locale === "zh" ? htmlId : undefined}
          aria-label={`${asks.title[desk.language]} ${desk.say(locale)}`}
          prefix={<span className="quiet">{desk.say(locale)}</span>}
          maxLength={60}
          value={String(said[locale] ?? "")}
          onChange={(event) => set([...path, locale], event.target.value)}
        />
      ))}
    </>
  );
}

/** Names and what they are set to. */
export function Values({ desk, value, path, set, htmlId }: Editor) {
  const said = isDoc(value) ? value : {};
  const pairs = Object.entries(said);
  const put = (place: number, name: string, next: unknown) =>
    set(path, Object.fromEntries(pairs.map((one, here) => (here === place ? [name, next] : one))));
  return (
    <>
      {pairs.map(([name, one], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name is being typed
        <Space.Compact block key={place}>
          <Input
            id={place ? undefined : htmlId}
            aria-label={desk.say("named")}
            value={name}
            onChange={(event) => put(place, event.target.value, one)}
          />
          <Input
            aria-label={desk.say("set_to")}
            value={String(one)}
            onChange={(event) => put(place, name, read(event.target.value))}
          />
        </Space.Compact>
      ))}
    </>
  );
}

const read = (text: string): unknown =>
  text === "true" || text === "false"
    ? text === "true"
    : /^\d{1,15}$/.test(text)
      ? Number(text)
      : text;

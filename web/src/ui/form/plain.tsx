import { Checkbox, Input, InputNumber, Select, Space } from "antd";
import type { ReactNode } from "react";
import { whereOf } from "@/ui/text/spots";
import { isDoc, plain } from "@/ui/text/yaml";
import type { Ask } from "./asks";
import { Clock, Days, Hours, OneDate } from "./days";
import { put, putWords } from "./edits";
import type { InputProps } from "./field";
import { Named } from "./named";

const written = (value: unknown) => (value === undefined || value === null ? "" : String(value));

/** How a value is put at its field's place; nothing at all where it need not be said. */
export function putter({ desk, ask, form, path }: InputProps): (value: unknown) => void {
  return (value) => {
    const gone = value === "" || value === null || value === undefined;
    const next = gone ? (ask.required ? "" : undefined) : value;
    desk.put(put(desk.text, form, path, next), whereOf(path));
  };
}

const NAMED = new Set([
  "segment",
  "offer",
  "material",
  "channel",
  "way",
  "plan",
  "staff",
  "store",
  "service",
]);

/** One value, by what it is. */
export function Plain(props: InputProps) {
  const { ask } = props;
  if (NAMED.has(ask.takes)) return <Named {...props} />;
  const Editor = EDITORS[ask.takes] ?? Line;
  return <Editor {...props} />;
}

const EDITORS: Record<string, (props: InputProps) => ReactNode> = {
  words: Words,
  prose: Words,
  count: Amount,
  number: Amount,
  flag: Flag,
  choice: Choice,
  span: Span,
  time: Clock,
  days: Days,
  week: Hours,
  date: OneDate,
};

const labelled = (label: string | undefined) => (label ? { "aria-label": label } : {});

function Line(props: InputProps) {
  const { desk, value, htmlId, label } = props;
  const set = putter(props);
  return (
    <Input
      id={htmlId}
      {...labelled(label)}
      disabled={desk.readOnly}
      value={written(value)}
      onChange={(event) => set(event.target.value)}
    />
  );
}

/** A value that is not in its usual form, as it is written. */
export function Raw(props: InputProps) {
  const { desk, ask, value, htmlId } = props;
  const set = putter(props);
  const textual = TEXTUAL.has(ask.takes);
  return (
    <Input
      id={htmlId}
      disabled={desk.readOnly}
      className="form-raw"
      value={written(value)}
      onChange={(event) => set(textual ? event.target.value : plain(event.target.value))}
    />
  );
}

const TEXTUAL = new Set(["text", "code", "address", "time", "days", "week", "span", "date"]);

/** The same in both languages; of several lines where it is prose. */
function Words(props: InputProps) {
  const { desk, ask, form, path, value, htmlId, label } = props;
  const said = isDoc(value) ? value : {};
  const title = label ?? ask.title[desk.language];
  const set = (language: string, next: string) =>
    desk.put(
      putWords(desk.text, ask, form, path, { said: value, language, value: next }),
      whereOf([...path, language]),
    );
  return (
    <div className="form-both">
      {(["zh", "en"] as const).map((one) => {
        const common = {
          id: one === "zh" ? htmlId : `${htmlId}-en`,
          "aria-label": `${title} ${desk.say(one)}`,
          disabled: desk.readOnly,
          value: written(said[one]),
          onChange: (event: { target: { value: string } }) => set(one, event.target.value),
        };
        return ask.takes === "prose" || common.value.includes("\n") ? (
          <Input.TextArea
            key={one}
            {...common}
            placeholder={desk.say(one)}
            autoSize={{ minRows: 2, maxRows: 8 }}
          />
        ) : (
          <Input key={one} {...common} prefix={<span className="quiet">{desk.say(one)}</span>} />
        );
      })}
    </div>
  );
}

function Amount(props: InputProps) {
  const { desk, ask, value, htmlId, label } = props;
  const set = putter(props);
  return (
    <InputNumber<number>
      id={htmlId}
      {...labelled(label)}
      disabled={desk.readOnly}
      value={typeof value === "number" ? value : null}
      step={ask.takes === "number" ? 0.05 : 1}
      placeholder={written(ask.default)}
      onChange={set}
    />
  );
}

function Flag({ desk, ask, form, path, value, htmlId }: InputProps) {
  const given = ask.default === true;
  return (
    <Checkbox
      id={htmlId}
      disabled={desk.readOnly}
      checked={typeof value === "boolean" ? value : given}
      onChange={(event) => desk.put(put(desk.text, form, path, event.target.checked))}
    />
  );
}

function Choice(props: InputProps) {
  const { desk, ask, value, htmlId, label } = props;
  const set = putter(props);
  const said = written(value);
  return (
    <Select<string>
      id={htmlId}
      {...labelled(label)}
      disabled={desk.readOnly}
      value={said || written(ask.default) || null}
      allowClear={!ask.required && said !== ""}
      popupMatchSelectWidth={false}
      options={choicesOf(ask, desk, said ? [said] : [])}
      onChange={(next) => set(next)}
    />
  );
}

/** What can be chosen, in words; what is said but is none of it, too. */
export function choicesOf(ask: Ask, desk: InputProps["desk"], said: readonly string[]) {
  const known = Object.entries(ask.choices).map(([value, words]) => ({
    value,
    label: words[desk.language],
  }));
  const strange = said.filter((one) => !(one in ask.choices));
  return [...known, ...strange.map((value) => ({ value, label: desk.say("strange", { value }) }))];
}

const UNITS = ["m", "h", "d", "w"] as const;

/** A length of time as a number and its unit. */
function Span(props: InputProps) {
  const { desk, ask, value, htmlId } = props;
  const set = putter(props);
  const found = /^(\d+)([smhdw])$/.exec(written(value));
  const usual = /[smhdw]$/.exec(written(ask.default))?.[0] ?? "d";
  const unit = found?.[2] ?? usual;
  const units = unit === "s" ? (["s", ...UNITS] as const) : UNITS;
  return (
    <Space.Compact block>
      <InputNumber<number>
        id={htmlId}
        disabled={desk.readOnly}
        min={0}
        precision={0}
        placeholder={/^\d+/.exec(written(ask.default))?.[0] ?? ""}
        value={found ? Number(found[1]) : null}
        onChange={(next) => set(next === null ? "" : `${next}${unit}`)}
      />
      <Select
        aria-label={`${ask.title[desk.language]} ${desk.say("unit")}`}
        value={unit}
        disabled={desk.readOnly || !found}
        popupMatchSelectWidth={false}
        options={units.map((one) => ({ value: one, label: desk.say(one as "d") }))}
        onChange={(next) => set(`${found?.[1] ?? 1}${next}`)}
      />
    </Space.Compact>
  );
}

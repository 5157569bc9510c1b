import { DeleteOutlined, PlusOutlined, UpOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Checkbox, Input, InputNumber, Select } from "antd";
import { lazy, Suspense, useId } from "react";
import vocabulary from "@/api/vocabulary.json";
import { type Path, whereOf } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";
import type { Desk } from "./board-desk";
import { Both, Span, Times, Values } from "./board-inputs";
import { type Asks, begins, formOf, shapeBegins, shapeOf } from "./forms";

const Condition = lazy(() => import("./board-condition"));

export interface FieldProps {
  desk: Desk;
  asks: Asks;
  value: unknown;
  path: Path; // of the value, from the text's root
  id: string; // of the step that it belongs to; empty: of the journey
  set: (path: Path, value: unknown) => void;
}
export type Editor = FieldProps & { htmlId: string };

/** A field with its title, its editor by what it takes, and what is wrong with it. */
export function Field(props: FieldProps) {
  const { desk, asks, path, value } = props;
  const htmlId = useId();
  const found = desk.problems.filter((one) => within(one.where, whereOf(path)));
  const wide = asks.forms.length > 0 || WIDE.has(asks.takes);
  const given = asks.default !== null && asks.default !== false && value === undefined;
  const [title, help] = titled(asks.title[desk.language]);
  return (
    <div className={wide ? "board-field board-wide" : "board-field"}>
      <label htmlFor={htmlId}>
        {title}
        {asks.required && <span aria-hidden="true"> *</span>}
      </label>
      <Ways {...props} htmlId={htmlId} />
      {help && <span className="quiet small">{help}</span>}
      {given && (
        <span className="quiet small">
          {desk.say("default_is", { value: shown(desk, asks, asks.default) })}
        </span>
      )}
      {found.map((one) => (
        <span key={one.where + one.why} className="board-wrong" role="alert" data-raw>
          {one.why}
        </span>
      ))}
    </div>
  );
}

/** What a field is called, and what is to be known of it besides. */
function titled(said: string): [string, string] {
  const [title = "", ...help] = said.split(/: |：/);
  return [title, help.join(": ")];
}

const WIDE = new Set(["condition", "set", "values", "words", "times"]);

export const within = (where: string, place: string): boolean =>
  where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);

/** Of several ways to say it the one that is said, then its own fields. */
function Ways(props: Editor) {
  const { desk, asks, value, path, id, set, htmlId } = props;
  if (asks.many) return asks.forms.length ? <Parts {...props} /> : <Several {...props} />;
  if (!asks.forms.length) return <Plain {...props} />;
  const form =
    formOf(asks, value) ?? (asks.forms.length === 1 && isDoc(value) ? asks.forms[0] : "");
  const plainly = asks.takes !== "" && value !== undefined && !isDoc(value);
  const given = { next: desk.nextOf(id), id };
  const choose = (way: string) => {
    if (way === "") set(path, undefined);
    else
      set(path, way === PLAINLY ? begins({ ...asks, forms: [] }, given) : shapeBegins(way, given));
  };
  const options = [
    ...(asks.required ? [] : [{ value: "", label: desk.say(EMPTY[asks.name] ?? "none") }]),
    ...(asks.takes
      ? [{ value: PLAINLY, label: desk.say(`plain_${asks.takes}` as "plain_span") }]
      : []),
    ...asks.forms.map((name) => ({ value: name, label: shapeOf(name).title[desk.language] })),
  ];
  return (
    <>
      <Select
        id={htmlId}
        value={form || (plainly ? PLAINLY : "")}
        options={options}
        onChange={choose}
        popupMatchSelectWidth={false}
      />
      {plainly && <Plain {...props} htmlId={`${htmlId}-plain`} label={asks.title[desk.language]} />}
      {form && isDoc(value) && <Part {...props} form={form} value={value} />}
    </>
  );
}

const PLAINLY = "▸plain";
const EMPTY: Record<string, "by_hand"> = { enter: "by_hand" };

/** The fields of one form; the one that tells it from others by a word of its own is not asked. */
function Part({ desk, value, path, id, set, form }: Editor & { form: string; value: Doc }) {
  const { fields } = shapeOf(form);
  const shut = fields.some((one) => one.shuts && value[one.name] === true);
  return (
    <div className="board-part">
      {fields
        .filter((one) => !(one.takes === "choice" && one.choices.length === 1 && one.required))
        .filter((one) => !(shut && one.takes === "condition"))
        .map((one) => (
          <Field
            key={one.name}
            desk={desk}
            asks={one}
            value={value[one.name]}
            path={[...path, one.name]}
            id={id}
            set={(at, next) => {
              const flips = one.shuts && at.length === path.length + 1;
              if (!flips) return set(at, next);
              const { when: _, [one.name]: __, ...rest } = value;
              set(path, next ? { [one.name]: true, ...rest } : { when: { friend: true }, ...rest });
            }}
          />
        ))}
    </div>
  );
}

/** A list of parts: ways, arms. */
function Parts(props: Editor) {
  const { desk, asks, value, path, id, set, htmlId } = props;
  const { say } = desk;
  const some = Array.isArray(value) ? (value as unknown[]) : [];
  const form = asks.forms[0] ?? "";
  return (
    <div className="board-parts" id={htmlId}>
      {some.map((one, place) => {
        const number = place + 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text
          <fieldset key={place} className="board-entry">
            <legend>
              <span className="quiet">{say("nth", { number })}</span>
              <Button
                type="text"
                size="small"
                disabled={place === 0}
                icon={<UpOutlined />}
                aria-label={say("earlier", { number })}
                onClick={() => desk.moveEntry([...path, place], place - 1)}
              />
              <Button
                type="text"
                size="small"
                disabled={some.length === 1}
                icon={<DeleteOutlined />}
                aria-label={say("drop", { number })}
                onClick={() => set([...path, place], undefined)}
              />
            </legend>
            {isDoc(one) && <Part {...props} path={[...path, place]} form={form} value={one} />}
          </fieldset>
        );
      })}
      <Button
        size="small"
        icon={<PlusOutlined />}
        onClick={() => desk.addEntry(path, some, shapeBegins(form, { next: desk.nextOf(id), id }))}
      >
        {say("add_one")}
      </Button>
    </div>
  );
}

/** A list of numbers or words. */
function Several({ asks, value, path, set, htmlId }: Editor) {
  const some = Array.isArray(value) ? value.map(String) : [];
  const read = (one: string) => (asks.takes === "count" ? Number(one) || one : one);
  return (
    <Select
      id={htmlId}
      mode="tags"
      value={some}
      tokenSeparators={[",", "，", " "]}
      onChange={(next: string[]) => set(path, next.length ? next.map(read) : undefined)}
    />
  );
}

function Plain(props: Editor & { label?: string }) {
  const { desk, asks, value, path, set, htmlId, label } = props;
  const text = value === undefined || value === null ? "" : String(value);
  const put = (next: unknown) =>
    set(path, next === "" && !asks.required ? undefined : (next ?? undefined));
  const named = label ? { "aria-label": label } : {};
  switch (asks.takes) {
    case "flag":
      return (
        <Checkbox
          id={htmlId}
          checked={value === true}
          onChange={(event) => set(path, event.target.checked || undefined)}
        />
      );
    case "count":
    case "number":
      return (
        <InputNumber
          id={htmlId}
          value={typeof value === "number" ? value : null}
          step={asks.takes === "number" ? 0.05 : 1}
          placeholder={asks.default === null ? "" : String(asks.default)}
          onChange={(next) => set(path, next ?? undefined)}
        />
      );
    case "span":
      return <Span {...props} named={named} />;
    case "times":
      return <Times {...props} />;
    case "choice":
      return (
        <Select
          id={htmlId}
          {...named}
          value={text || undefined}
          allowClear={!asks.required}
          options={asks.choices.map((one) => ({
            value: one.value,
            label: shown(desk, asks, one.value),
          }))}
          onChange={(next?: string) => set(path, next)}
        />
      );
    case "words":
      return <Both {...props} />;
    case "values":
      return <Values {...props} />;
    case "condition":
    case "set":
      return (
        <Suspense fallback={null}>
          <Condition
            desk={desk}
            value={value}
            where={whereOf(path)}
            ofVisit={asks.takes === "condition"}
            set={(next) => set(path, next ?? undefined)}
          />
        </Suspense>
      );
    case "step":
      return <Towards {...props} />;
    case "text":
    case "time":
    case "amount":
      return <Input id={htmlId} value={text} onChange={(event) => put(event.target.value)} />;
    default:
      return <Named {...props} />;
  }
}

/** Another step of this journey; one that is not there any more is shown as what it is. */
function Towards({ desk, asks, value, path, id, set, htmlId }: Editor) {
  const text = value === undefined || value === null ? "" : String(value);
  const options = desk.known("step", id);
  const gone = text && !options.some((one) => one.value === text);
  return (
    <Select
      id={htmlId}
      showSearch
      value={text || undefined}
      allowClear={!asks.required}
      popupMatchSelectWidth={false}
      options={[
        ...options,
        ...(gone ? [{ value: text, label: desk.say("no_such_step", { step: text }) }] : []),
      ]}
      onChange={(next?: string) => set(path, next)}
    />
  );
}

/** A word that names something: what there is can be chosen, anything can be written. */
function Named({ desk, asks, value, path, id, set, htmlId }: Editor) {
  const text = value === undefined || value === null ? "" : String(value);
  const options = desk.known(asks.takes, id);
  const whole = options.some((one) => one.value === text); // then all others are shown too
  return (
    <AutoComplete
      id={htmlId}
      value={text}
      allowClear={!asks.required}
      options={options}
      defaultActiveFirstOption={false}
      popupMatchSelectWidth={false}
      showSearch={{
        filterOption: (typed, option) =>
          whole || `${option?.label} ${option?.value}`.toLowerCase().includes(typed.toLowerCase()),
      }}
      onChange={(next) => set(path, next || (asks.required ? "" : undefined))}
    />
  );
}

/** A value as people read it: a choice in words, a span in units. */
export function shown(desk: Desk, asks: Asks, value: unknown): string {
  const text = String(value);
  if (asks.takes === "choice") {
    const found = asks.choices.find((one) => one.value === text);
    if (found?.title) return found.title[desk.language];
    const set = (["channel", "purpose"] as const).find(
      (name) => name in vocabulary && name === asks.name,
    );
    return set ? desk.code(set, text) : text;
  }
  return asks.takes === "span" ? desk.span(text) : text;
}

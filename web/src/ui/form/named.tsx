import { DatePicker, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { whereOf } from "@/ui/text/spots";
import { dayOf } from "./days";
import { put, recode } from "./edits";
import type { InputProps } from "./field";
import type { Option } from "./known";
import { choicesOf, putter } from "./plain";

/** What is there to choose, searched by its name; what is not there yet can be written. */
function useOffered(known: Option[], said: readonly string[], desk: InputProps["desk"]) {
  const [typed, type] = useState("");
  const has = (value: string) => known.some((one) => one.value === value);
  const options = [
    ...known,
    ...said.filter((one) => one && !has(one)).map((one) => ({ value: one, label: one })),
  ];
  const fresh = typed.trim();
  const more = fresh && !options.some((one) => one.value === fresh);
  return {
    type,
    options: more
      ? [...options, { value: fresh, label: desk.say("as_typed", { value: fresh }) }]
      : options,
  };
}

const matches = (typed: string, option?: { label?: unknown; value?: unknown }) =>
  `${option?.label} ${option?.value}`.toLowerCase().includes(typed.trim().toLowerCase());

export function Named(props: InputProps) {
  const { desk, ask, value, htmlId, label } = props;
  const said = value === undefined || value === null ? "" : String(value);
  const { type, options } = useOffered(desk.known(ask.takes), [said], desk);
  const set = putter(props);
  return (
    <Select<string>
      id={htmlId}
      {...(label ? { "aria-label": label } : {})}
      disabled={desk.readOnly}
      value={said || null}
      allowClear
      showSearch={{ onSearch: type, filterOption: matches }}
      placeholder={desk.say("search")}
      popupMatchSelectWidth={false}
      options={options}
      onChange={(next) => {
        type("");
        set(next ?? "");
      }}
    />
  );
}

/** Several: of given choices, of days, or of what can be named. */
export function Choices(props: InputProps) {
  if (props.ask.takes === "date") return <Dates {...props} />;
  return Object.keys(props.ask.choices).length ? <Some {...props} /> : <Tags {...props} />;
}

const saidIn = (value: unknown) => (Array.isArray(value) ? (value as unknown[]).map(String) : []);

/** A list as it is put; an empty one stays where something has to be said, or already was. */
function putList({ desk, ask, form, path, value }: InputProps) {
  return (next: string[]) => {
    const gone = !next.length && !ask.required && value === undefined;
    desk.put(put(desk.text, form, path, gone ? undefined : next), whereOf(path));
  };
}

function Some(props: InputProps) {
  const { desk, ask, form, path, value, htmlId } = props;
  const said = saidIn(value);
  const set = putList(props);
  return (
    <Select<string[]>
      id={htmlId}
      mode="multiple"
      disabled={desk.readOnly}
      allowClear
      placeholder={desk.say("all_of_them")}
      value={said}
      options={choicesOf(ask, desk, said)}
      onChange={(next) =>
        next.length ? set(next) : desk.put(put(desk.text, form, path, undefined))
      }
    />
  );
}

function Tags(props: InputProps) {
  const { desk, ask, value, htmlId } = props;
  const set = putList(props);
  return (
    <Select<string[]>
      id={htmlId}
      mode="tags"
      disabled={desk.readOnly}
      value={saidIn(value)}
      tokenSeparators={[",", "，"]}
      placeholder={desk.say("search")}
      options={desk.known(ask.takes)}
      onChange={set}
    />
  );
}

function Dates(props: InputProps) {
  const { desk, value, htmlId } = props;
  const set = putList(props);
  return (
    <DatePicker
      id={htmlId}
      multiple
      needConfirm={false}
      disabled={desk.readOnly}
      format="YYYY-MM-DD"
      value={saidIn(value).flatMap((one) => dayOf(one) ?? [])}
      onChange={(next) => set((next ?? []).map((one) => one.format("YYYY-MM-DD")))}
    />
  );
}

/** The code of a part: chosen where such codes are known, else written; taken over when it is left. */
export function Code(props: InputProps & { said: string; known: Option[] }) {
  const { desk, ask, path, said, known } = props;
  const title = `${ask.title[desk.language]} ${desk.say("code")}`;
  const [typed, type] = useState(said);
  useEffect(() => type(said), [said]);
  const next = recode(desk.text, path, said, typed.trim());
  const taken = typed.trim() !== said && next === desk.text;
  const keep = () => {
    if (taken) type(said);
    else desk.put(next);
  };
  if (known.length)
    return (
      <Select<string>
        aria-label={title}
        className="form-code"
        disabled={desk.readOnly}
        showSearch={{ filterOption: matches }}
        popupMatchSelectWidth={false}
        value={said}
        options={known}
        onChange={(chosen) => desk.put(recode(desk.text, path, said, chosen))}
      />
    );
  return (
    <span className="form-code">
      <Input
        aria-label={title}
        disabled={desk.readOnly}
        value={typed}
        status={taken ? "error" : ""}
        onChange={(event) => type(event.target.value)}
        onBlur={keep}
        onPressEnter={keep}
      />
      {taken && (
        <span className="form-wrong" role="alert">
          {desk.say("code_taken")}
        </span>
      )}
    </span>
  );
}

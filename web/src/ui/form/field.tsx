import { DeleteOutlined, DownOutlined, PlusOutlined, UpOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useId } from "react";
import { remove } from "@/ui/text/splice";
import { endOf, nodeAt, type Path, parsed, range, whereOf } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";
import { type Ask, asksOf, begins, belongs, fits, partOf } from "./asks";
import type { Desk } from "./desk";
import { add, entries, put, shift } from "./edits";
import { Choices, Code } from "./named";
import { Plain, Raw } from "./plain";

export interface FieldProps {
  desk: Desk;
  ask: Ask;
  form: string; // what it is a field of
  path: Path; // of the value, from the text's root
  value: unknown;
}
export type InputProps = FieldProps & { htmlId: string; label?: string };

/** The fields of a mapping, and what else stands in it. */
export function Fields(props: { desk: Desk; form: string; path: Path; said: Doc }) {
  const { desk, form, path, said } = props;
  const asks = asksOf(form);
  const strange = Object.keys(said).filter((name) => !asks.some((one) => one.name === name));
  return (
    <div className="form-fields">
      {asks
        .filter((one) => belongs(one, form, said))
        .map((one) => (
          <Field
            key={one.name}
            desk={desk}
            ask={one}
            form={form}
            path={[...path, one.name]}
            value={said[one.name]}
          />
        ))}
      {strange.map((name) => (
        <div key={name} className="form-field form-wide">
          <code>{name}</code>
          <Odd desk={desk} path={[...path, name]} why={desk.say("unknown")} />
        </div>
      ))}
    </div>
  );
}

const WIDE = new Set(["words", "prose", "week", "chat", "address"]);

/** A field: its title, how it is filled in, what is to be known of it, and what is wrong with it. */
function Field(props: FieldProps) {
  const { desk, ask, path, value } = props;
  const { language, say } = desk;
  const htmlId = useId();
  const fit = fits(ask, value);
  const wide = ask.form || ask.keyed || ask.many || WIDE.has(ask.takes) || fit === "deep";
  const given = value === undefined && ask.default !== null;
  const group = ask.form !== "" || ask.keyed;
  const title = (
    <>
      {ask.title[language]}
      {ask.required && <span aria-hidden="true"> *</span>}
    </>
  );
  return (
    <div className={wide ? "form-field form-wide" : "form-field"}>
      {group ? (
        <span className="form-title" id={htmlId}>
          {title}
        </span>
      ) : (
        <label htmlFor={htmlId}>{title}</label>
      )}
      {ask.help && group && <span className="quiet small">{ask.help[language]}</span>}
      <Filled {...props} htmlId={htmlId} />
      {fit === "plain" && value !== "" && <span className="quiet small">{say("odd_plain")}</span>}
      {ask.help && !group && <span className="quiet small">{ask.help[language]}</span>}
      {given && !ask.many && ask.takes !== "flag" && (
        <span className="quiet small">{say("default_is", { value: told(desk, ask) })}</span>
      )}
      <Wrong desk={desk} path={path} />
    </div>
  );
}

function told({ language, say }: Desk, ask: Ask): string {
  const value = ask.default;
  const span = /^(\d+)([smhdw])$/.exec(String(value));
  if (ask.takes === "span" && span) return say(`for_${span[2] as "s"}`, { count: Number(span[1]) });
  return ask.choices[String(value)]?.[language] ?? String(value);
}

function Wrong({ desk, path }: { desk: Desk; path: Path }) {
  return desk.wrong(whereOf(path)).map((one) => (
    <span key={one.where + one.why} className="form-wrong" role="alert" data-raw>
      {one.why}
    </span>
  ));
}

function Filled(props: InputProps) {
  const { desk, ask, value, path } = props;
  const fit = fits(ask, value);
  if (fit === "deep") return <Odd desk={desk} path={path} why={desk.say("odd_deep")} />;
  if (fit === "plain") return <Raw {...props} />;
  if (ask.keyed || (ask.many && ask.form)) return <Parts {...props} />;
  if (ask.form) return <Whole {...props} />;
  return ask.many ? <Choices {...props} /> : <Plain {...props} />;
}

/** What no field can show stands there as it is written, and can be changed as text. */
function Odd({ desk, path, why }: { desk: Desk; path: Path; why: string }) {
  const node = nodeAt(parsed(desk.text), path);
  const said = node ? desk.text.slice(range(node)[0], endOf(node)) : "";
  return (
    <div className="form-odd">
      <span className="tone-waits small">{why}</span>
      <pre data-raw>{said}</pre>
      <div>
        <Button size="small" onClick={desk.asText}>
          {desk.say("as_text")}
        </Button>
        {!desk.readOnly && (
          <Button size="small" type="text" onClick={() => desk.put(remove(desk.text, path))}>
            {desk.say("take_away")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Fields of its own: begun where it is not said yet. */
function Whole(props: InputProps) {
  const { desk, ask, form, path, value } = props;
  const what = ask.title[desk.language];
  if (!isDoc(value))
    return <Add desk={desk} what={what} act={() => put(desk.text, form, path, begins(ask))} />;
  return (
    <fieldset className="form-part" aria-label={what}>
      <Fields desk={desk} form={ask.form} path={path} said={value} />
      {!ask.required && !desk.readOnly && (
        <Button
          size="small"
          type="text"
          onClick={() => desk.put(put(desk.text, form, path, undefined))}
        >
          {desk.say("take_away")}
        </Button>
      )}
    </fieldset>
  );
}

function Add({ desk, what, act }: { desk: Desk; what: string; act: () => string }) {
  if (desk.readOnly) return <span className="quiet">{desk.say("nothing_said")}</span>;
  return (
    <div>
      <Button size="small" icon={<PlusOutlined />} onClick={() => desk.put(act())}>
        {desk.say("add", { what })}
      </Button>
    </div>
  );
}

/** Parts in a list, or each by its code: to be added, moved and taken away. */
function Parts(props: InputProps) {
  const { desk, ask, form, path, value } = props;
  const what = ask.title[desk.language];
  const some: [string | number, unknown][] = ask.keyed
    ? entries(value)
    : ((value ?? []) as unknown[]).map((one, place) => [place, one]);
  return (
    <fieldset className="form-parts" aria-label={what}>
      {some.map(([key, one], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text
        <Part key={place} {...props} at={key} place={place} last={some.length - 1} one={one} />
      ))}
      {!desk.readOnly && (
        <Add desk={desk} what={what} act={() => add(desk.text, ask, form, path, value)} />
      )}
    </fieldset>
  );
}

function Part(
  props: InputProps & { at: string | number; place: number; last: number; one: unknown },
) {
  const { desk, ask, form, path, at, place, last, one } = props;
  const here = [...path, at];
  const fields = isDoc(one) ? (
    <Fields desk={desk} form={ask.form} path={here} said={one} />
  ) : (
    <Odd desk={desk} path={here} why={desk.say("odd_deep")} />
  );
  const plain = <Plain {...props} ask={partOf(ask)} path={here} value={one} label={`${at}`} />;
  return (
    <section className="form-entry" aria-label={`${ask.title[desk.language]} ${place + 1}`}>
      <header>
        {ask.keyed ? (
          <Code {...props} said={`${at}`} known={desk.known(ask.takes)} />
        ) : (
          <span className="quiet">{desk.say("nth", { number: place + 1 })}</span>
        )}
        {!desk.readOnly && (
          <Moves
            desk={desk}
            place={place}
            last={last}
            shift={(by) => desk.put(shift(desk.text, path, place, by))}
            drop={() => desk.put(put(desk.text, form, here, undefined))}
          />
        )}
      </header>
      {ask.form ? fields : plain}
      <Wrong desk={desk} path={here} />
    </section>
  );
}

function Moves(props: {
  desk: Desk;
  place: number;
  last: number;
  shift: (by: -1 | 1) => void;
  drop: () => void;
}) {
  const { desk, place, last, shift: act, drop } = props;
  const number = place + 1;
  const button = (icon: ReactNode, label: string, disabled: boolean, press: () => void) => (
    <Button
      type="text"
      size="small"
      disabled={disabled}
      icon={icon}
      aria-label={label}
      onClick={press}
    />
  );
  return (
    <span className="form-moves">
      {button(<UpOutlined />, desk.say("earlier", { number }), place === 0, () => act(-1))}
      {button(<DownOutlined />, desk.say("later", { number }), place === last, () => act(1))}
      {button(<DeleteOutlined />, desk.say("drop", { number }), false, drop)}
    </span>
  );
}

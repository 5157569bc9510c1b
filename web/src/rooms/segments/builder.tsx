import { MoreOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown, Select } from "antd";
import { useState } from "react";
import type { SchemaSiyuApiSegmentsWrong } from "@/api/schema";
import { Count } from "@/ui/value";
import { Fields } from "./fields";
import { initial } from "./initial";
import { clause, clauseText, docOf, leafOf, type Tongue } from "./say";
import {
  add,
  at,
  type Doc,
  deniedOf,
  deny,
  groupOf,
  move,
  type Path,
  partsOf,
  put,
  remove,
  turn,
  unwrap,
  whereOf,
  wrap,
} from "./tree";

export type Problem = SchemaSiyuApiSegmentsWrong;

/** All that the parts of a sentence share: what they say, how many each holds for, what is wrong. */
interface Shared {
  tongue: Tongue;
  when: Doc | null;
  readOnly: boolean;
  counts: ReadonlyMap<string, number> | null;
  everybody: number;
  problems: readonly Problem[];
  open: string | null;
  show: (where: string | null) => void;
  change: (when: Doc | null) => void;
}

/** The set as a sentence: groups are indented, each condition is a row that opens its fields. */
export function Builder(props: Omit<Shared, "open" | "show">) {
  const { tongue, when, readOnly, change } = props;
  const { say } = tongue;
  const [open, show] = useState<string | null>(null);
  const shared: Shared = { ...props, open, show };
  const grown = (key: string) => {
    const next = add(when, [], initial(key, tongue.forms));
    const group = groupOf(next);
    show(whereOf(group ? [group, partsOf(next).length - 1] : []));
    change(next);
  };
  if (when === null)
    return (
      <div className="seg-builder">
        <p className="quiet">{say("empty")}</p>
        {!readOnly && <Adder tongue={tongue} label={say("add")} add={grown} />}
      </div>
    );
  return (
    <div className="seg-builder">
      <Part shared={shared} path={[]} joined="" />
      {!readOnly && !groupOf(when) && <Adder tongue={tongue} label={say("add")} add={grown} />}
    </div>
  );
}

function Part({ shared, path, joined }: { shared: Shared; path: Path; joined: string }) {
  const doc = at(shared.when, path) as Doc;
  const denied = deniedOf(doc);
  const inner = denied ?? doc;
  const inside: Path = denied ? [...path, "not"] : path;
  return groupOf(inner) || deniedOf(inner) ? (
    <Grouped shared={shared} path={path} inside={inside} joined={joined} />
  ) : (
    <Row shared={shared} path={path} inside={inside} joined={joined} />
  );
}

type Placed = { shared: Shared; path: Path; inside: Path; joined: string };

function Grouped({ shared, path, inside, joined }: Placed) {
  const { tongue, when, readOnly, change, show } = shared;
  const { say } = tongue;
  const doc = at(when, inside) as Doc;
  const group = groupOf(doc);
  const denied = inside !== path;
  if (!group || !when) {
    // a denial of a denial: drawn as the one inside the other
    return (
      <fieldset className="seg-group" data-where={whereOf(path)}>
        <legend>{say("none_of")}</legend>
        <Part shared={shared} path={inside} joined="" />
      </fieldset>
    );
  }
  const parts = partsOf(doc);
  const grown = (key: string) => {
    show(whereOf([...inside, group, parts.length]));
    change(add(when, inside, initial(key, tongue.forms)));
  };
  return (
    <fieldset className={path.length ? "seg-group" : "seg-root"} data-where={whereOf(path)}>
      <legend>
        {joined && <span className="seg-join">{joined}</span>}
        {denied && <span className="seg-not">{say("none_of")}</span>}
        <Select
          size="small"
          aria-label={say("join")}
          disabled={readOnly}
          value={group}
          options={[
            { value: "all", label: say("all") },
            { value: "any", label: say("any") },
          ]}
          onChange={() => change(turn(when, inside))}
        />
        <Held shared={shared} path={path} />
        {!readOnly && <Menu shared={shared} path={path} inside={inside} said={say("group")} />}
      </legend>
      <ul className="seg-parts">
        {parts.map((_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text
          <li key={place}>
            <Part
              shared={shared}
              path={[...inside, group, place]}
              joined={place ? say(group === "all" ? "and" : "or") : ""}
            />
          </li>
        ))}
      </ul>
      <Wrong shared={shared} path={inside} only />
      {!readOnly && (
        <Adder tongue={tongue} label={say(path.length ? "add_in" : "add")} add={grown} />
      )}
    </fieldset>
  );
}

function Row({ shared, path, inside, joined }: Placed) {
  const { tongue, when, readOnly, open, show, change } = shared;
  const { say } = tongue;
  const doc = at(when, inside) as Doc;
  const where = whereOf(path);
  const denied = inside !== path;
  const said = clauseText(doc, denied, tongue);
  const opened = open === where && !readOnly;
  return (
    <div className="seg-row" data-where={where}>
      <div className="seg-line">
        <span className="seg-join">{joined}</span>
        <button
          type="button"
          className="seg-clause"
          aria-label={say("clause_of", { said })}
          aria-expanded={opened}
          disabled={readOnly}
          onClick={() => show(opened ? null : where)}
        >
          {clause(doc, denied, tongue).parts.map((one) => (
            <span
              key={one.name}
              className={one.lead ? (denied ? "seg-lead seg-denied" : "seg-lead") : "seg-chip"}
              data-raw={one.lead ? undefined : true}
            >
              {one.text}
            </span>
          ))}
        </button>
        <Held shared={shared} path={path} />
        {!readOnly && <Menu shared={shared} path={path} inside={inside} said={said} />}
      </div>
      {opened && when && (
        <div className="seg-open">
          <Fields
            leaf={leafOf(doc, tongue.forms)}
            tongue={tongue}
            change={(leaf) => change(put(when, inside, docOf(leaf, tongue.forms)))}
          />
          <Button size="small" onClick={() => show(null)}>
            {say("close")}
          </Button>
        </div>
      )}
      <Wrong shared={shared} path={path} />
    </div>
  );
}

/** For how many customers this part holds by itself, as a number and a bar of everybody. */
function Held({ shared, path }: { shared: Shared; path: Path }) {
  const { counts, everybody, tongue } = shared;
  const many = counts?.get(whereOf(path));
  if (many === undefined) return <span className="seg-held" />;
  const share = everybody ? (many / everybody) * 100 : 0;
  return (
    <span className="seg-held" title={tongue.say("holds_for", { count: many })}>
      <span className="seg-bar" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
      <Count of={many} />
    </span>
  );
}

/** What is wrong here, in words; `only`: with this very part, not with one inside it. */
function Wrong({ shared, path, only }: { shared: Shared; path: Path; only?: boolean }) {
  const where = `when${path.length ? "." : ""}${whereOf(path)}`;
  const here = shared.problems.filter((one) =>
    only ? one.where === where : one.where === where || one.where.startsWith(`${where}.`),
  );
  if (!here.length) return null;
  return (
    <Alert
      type="error"
      className="seg-wrong"
      title={here.map((one) => (
        <div key={`${one.where} ${one.why}`}>
          <code>{one.where.slice(where.length + 1)}</code> {one.why}
        </div>
      ))}
    />
  );
}

function Menu(props: { shared: Shared; path: Path; inside: Path; said: string }) {
  const { shared, path, inside, said } = props;
  const { tongue, when, change, show } = shared;
  const { say } = tongue;
  if (!when) return null;
  const group = groupOf(at(when, inside) as Doc);
  const denied = inside !== path;
  const parts = group ? partsOf(at(when, inside) as Doc).length : 0;
  const solvable = group && !denied && (typeof path.at(-1) === "number" || parts === 1);
  const acts: Record<string, () => Doc | null> = {
    deny: () => deny(when, path),
    any: () => wrap(when, path, "any"),
    all: () => wrap(when, path, "all"),
    unwrap: () => unwrap(when, path),
    up: () => move(when, path, -1),
    down: () => move(when, path, 1),
    remove: () => remove(when, path),
  };
  const moves = path.length > 0;
  const items = [
    { key: "deny", label: say(denied ? "affirm" : "deny") },
    { key: "any", label: say("wrap_any") },
    { key: "all", label: say("wrap_all") },
    ...(solvable ? [{ key: "unwrap", label: say("unwrap") }] : []),
    ...(moves
      ? [
          { key: "up", label: say("up") },
          { key: "down", label: say("down") },
        ]
      : []),
    { key: "remove", label: say("remove"), danger: true },
  ];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items,
        onClick: ({ key }) => {
          show(null);
          change(acts[key]?.() ?? null);
        },
      }}
    >
      <Button
        size="small"
        type="text"
        icon={<MoreOutlined />}
        aria-label={say("more_of", { said })}
      />
    </Dropdown>
  );
}

/** One of all conditions, by subject; found by typing. */
function Adder(props: { tongue: Tongue; label: string; add: (key: string) => void }) {
  const { tongue, label, add: grown } = props;
  const { families, language } = tongue;
  return (
    <Select
      className="seg-add"
      aria-label={label}
      placeholder={`+ ${label}`}
      value={null}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      options={families.map((family) => ({
        label: family.title[language],
        options: family.forms.map((one) => ({ value: one.key, label: one.title[language] })),
      }))}
      onChange={(key: string | null) => key && grown(key)}
    />
  );
}

import { Input } from "antd";
import { useState } from "react";
import { parseDocument } from "yaml";
import { Builder } from "@/rooms/segments/builder";
import { whenOf } from "@/rooms/segments/tree";
import "@/rooms/segments/segments.css";
import { inline } from "@/ui/text/yaml";
import type { Desk } from "./board-desk";

/** A condition, by the same sentence as a segment's; one that can't be drawn so is written. */
export default function Condition(props: {
  desk: Desk;
  value: unknown;
  where: string;
  ofVisit: boolean;
  set: (value: unknown) => void;
}) {
  const { desk, value, where, ofVisit, set } = props;
  const { conditions } = desk;
  const when = value === undefined || value === null ? null : whenOf(value);
  const tongue = conditions && {
    ...conditions,
    families: conditions.families.filter((one) => ofVisit || one.name !== "visit"),
  };
  if (!tongue || (when === null && value != null))
    return <Written desk={desk} value={value} set={set} />;
  return (
    <div className="board-condition">
      <Builder
        tongue={tongue}
        when={when}
        readOnly={false}
        counts={null}
        everybody={0}
        problems={desk.problems
          .filter((one) => one.where === where || one.where.startsWith(`${where}.`))
          .map((one) => ({ ...one, where: `when${one.where.slice(where.length)}` }))}
        change={set}
      />
    </div>
  );
}

/** As the text says it, on one line. */
function Written({
  desk,
  value,
  set,
}: {
  desk: Desk;
  value: unknown;
  set: (value: unknown) => void;
}) {
  const [typed, type] = useState(value == null ? "" : inline(value));
  return (
    <Input.TextArea
      autoSize
      aria-label={desk.say("condition_text")}
      value={typed}
      onChange={(event) => {
        type(event.target.value);
        const doc = parseDocument(event.target.value);
        if (!doc.errors.length) set(doc.toJS());
      }}
    />
  );
}

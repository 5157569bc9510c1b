import { RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import type { Place } from "@/api/client";
import { ByLine } from "@/ui/states";
import type { Doc } from "@/ui/text/yaml";
import type { FormName } from "./asks";
import { type Undoing, useDesk } from "./desk";
import { Fields } from "./field";
import { useForm } from "./form.words";
import "./form.css";

/** A text as fields: each edit changes its own place in the text and nothing else. */
export function Form(props: {
  form: FormName;
  text: string;
  said: Doc;
  undoing: Undoing;
  problems: readonly Place[];
  readOnly: boolean;
  asText: () => void;
}) {
  const { form, said } = props;
  const desk = useDesk(props);
  return (
    <div className="form">
      <ByLine
        found={desk.unplaced.map((one) => ({ ...one, line: one.line ?? null }))}
        className="written-problems"
      />
      <Fields desk={desk} form={form} path={[]} said={said} />
    </div>
  );
}

export function Back({ undoing }: { undoing: Undoing }) {
  const say = useForm();
  const { undo, redo } = undoing;
  return (
    <Space.Compact className="form-back">
      <Button
        size="small"
        icon={<UndoOutlined />}
        aria-label={say("undo")}
        title={say("undo")}
        disabled={!undo}
        onClick={() => undo?.()}
      />
      <Button
        size="small"
        icon={<RedoOutlined />}
        aria-label={say("redo")}
        title={say("redo")}
        disabled={!redo}
        onClick={() => redo?.()}
      />
    </Space.Compact>
  );
}

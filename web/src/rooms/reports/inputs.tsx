import { Button, DatePicker, Form, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import type { ReactNode } from "react";
import type { components } from "@/api/schema";
import { useLanguage } from "@/ui/words";
import { useReports } from "./words";

type Field = components["schemas"]["Input"];
type Values = Record<string, string | number | Dayjs | null | undefined>;

/** What a report can be asked with; the address has it, so that a view can be sent to a colleague. */
export function Inputs(props: {
  inputs: Field[];
  asked: Record<string, string>;
  ask: (change: Record<string, string>) => void;
}) {
  const { inputs, asked, ask } = props;
  const say = useReports();
  const [language] = useLanguage();
  const initial: Values = {};
  for (const one of inputs) initial[one.name] = filled(one, asked[one.name] ?? one.default);
  const done = (values: Values) => {
    const change: Record<string, string> = {};
    for (const one of inputs) {
      const said = written(values[one.name]);
      change[one.name] = said === one.default ? "" : said;
    }
    ask(change);
  };
  return (
    <Form<Values>
      key={JSON.stringify(asked)}
      layout="vertical"
      initialValues={initial}
      onFinish={done}
      className="report-inputs"
    >
      {inputs.map((one) => (
        <Form.Item
          key={one.name}
          name={one.name}
          label={one.title[language]}
          extra={one.help[language]}
        >
          {control(one, language, say)}
        </Form.Item>
      ))}
      <Form.Item label=" " className="report-ask">
        <Button htmlType="submit">{say("ask")}</Button>
      </Form.Item>
    </Form>
  );
}

function control(one: Field, language: "zh" | "en", say: ReturnType<typeof useReports>): ReactNode {
  if (one.takes === "day") return <DatePicker style={{ width: "100%" }} />;
  if (one.takes === "whole") return <InputNumber precision={0} style={{ width: "100%" }} />;
  if (one.takes === "number") return <InputNumber style={{ width: "100%" }} />;
  if (one.takes === "text") return <Input />;
  const options =
    one.takes === "yes"
      ? [
          { value: "yes", label: say("yes") },
          { value: "no", label: say("no") },
        ]
      : one.choices.map((choice) => ({ value: choice.code, label: choice.title[language] }));
  return <Select options={options} popupMatchSelectWidth={false} />;
}

function filled(one: Field, said: string): string | number | Dayjs | null {
  if (one.takes === "day") return said ? dayjs(said) : null;
  if (one.takes === "whole" || one.takes === "number") return said === "" ? null : Number(said);
  return said;
}

function written(value: Values[string]): string {
  if (value === null || value === undefined) return "";
  return dayjs.isDayjs(value) ? value.format("YYYY-MM-DD") : String(value);
}

import { AutoComplete, Button, Flex, Input, InputNumber, Radio, Select, Space } from "antd";
import { useLanguage } from "@/ui/words";
import { type Preview, percentOf, spanOf } from "./choices";
import { shown } from "./said";
import type { Asked } from "./start";
import { useStart } from "./start.words";

type Previewed = Preview["settings"][number];

const UNITS = ["m", "h", "d", "w"] as const;
const USUAL_PILOT = 50;

/** Every value with its help beside it; what is refused is named at its field. */
export function Settings({ preview, chosen, choose }: Asked) {
  const say = useStart();
  if (preview.settings.length === 0) return <p className="quiet">{say("settings_none")}</p>;
  const set = (name: string, value: string | null) => {
    const { [name]: _, ...rest } = chosen.settings;
    choose({ settings: value === null ? rest : { ...rest, [name]: value } });
  };
  return (
    <div className="play-settings">
      {preview.settings.map((one) => (
        <Field
          key={one.setting.name}
          seen={one}
          value={chosen.settings[one.setting.name]}
          set={(value) => set(one.setting.name, value)}
        />
      ))}
    </div>
  );
}

function Field(props: {
  seen: Previewed;
  value: string | undefined;
  set: (value: string | null) => void;
}) {
  const { seen, value, set } = props;
  const { setting: of, problem, choices } = seen;
  const say = useStart();
  const [language] = useLanguage();
  const id = `play-set-${of.name}`;
  const now = value ?? of.default ?? "";
  const said = (word: "default" | "least" | "most") => {
    const one = of[word];
    return one === null || one === "" ? [] : [say(word, { value: shown(of, one, language) })];
  };
  const bounds = [
    ...said("default"),
    ...said("least"),
    ...said("most"),
    ...(of.default === null ? [say("must")] : []),
  ];
  return (
    <div className="play-setting">
      <div className="play-field">
        <label htmlFor={id} data-raw>
          {of.title[language]}
        </label>
        <Value of={of} choices={choices} id={id} now={now} set={set} wrong={problem !== ""} />
        {problem && (
          <div className="tone-harm small" role="alert" id={`${id}-wrong`} data-raw>
            {problem}
          </div>
        )}
      </div>
      <div className="quiet small play-help">
        <span data-raw>{of.help[language]}</span>
        <div className="number" data-raw>
          {bounds.join(" · ")}
          {value !== undefined && of.default !== null && value !== of.default && (
            <Button type="link" size="small" onClick={() => set(null)}>
              {say("to_default")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

interface Written {
  of: Previewed["setting"];
  choices: Previewed["choices"];
  id: string;
  now: string;
  set: (value: string | null) => void;
  wrong: boolean;
}

function Value(props: Written) {
  const { of, id, now, set, wrong } = props;
  const [language] = useLanguage();
  const status = wrong ? "error" : "";
  const options = (of.of.length > 0 ? of.of : props.choices).map((one) => ({
    value: one.code,
    label: one.title[language] || one.code,
  }));
  if (of.type === "duration" && (now === "" || spanOf(now))) return <Span {...props} />;
  if (of.type === "share" && (now === "" || percentOf(now) !== null)) return <Share {...props} />;
  if (of.type === "choice" || ["shop", "staff", "store", "offer"].includes(of.type))
    return (
      <Select
        id={id}
        status={status}
        showSearch={{ optionFilterProp: "label" }}
        allowClear={of.default === ""}
        value={now || undefined}
        options={options}
        onChange={(value?: string) => set(value ?? "")}
      />
    );
  if (options.length > 0)
    return (
      <AutoComplete
        id={id}
        status={status}
        value={now}
        options={options}
        onChange={(value: string) => set(value)}
      />
    );
  return (
    <Input
      id={id}
      status={status}
      value={now}
      inputMode={of.type === "count" || of.type === "money" ? "decimal" : "text"}
      suffix={of.unit?.[language]}
      aria-describedby={wrong ? `${id}-wrong` : undefined}
      onChange={({ target }) => set(target.value)}
    />
  );
}

function Span({ id, now, set, wrong }: Written) {
  const say = useStart();
  const [number, unit] = spanOf(now) ?? [null, "d"];
  return (
    <Space.Compact>
      <InputNumber<number>
        id={id}
        status={wrong ? "error" : ""}
        min={0}
        max={999_999}
        precision={0}
        value={number}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(value) => set(value === null ? "" : `${value}${unit}`)}
      />
      <Select
        aria-label={say("unit")}
        className="play-unit"
        value={unit}
        options={UNITS.map((one) => ({ value: one, label: say(`unit_${one}`) }))}
        onChange={(one: string) => set(`${number ?? 1}${one}`)}
      />
    </Space.Compact>
  );
}

function Share({ id, now, set, wrong }: Written) {
  return (
    <InputNumber<number>
      id={id}
      status={wrong ? "error" : ""}
      min={0}
      max={100}
      suffix="%"
      value={percentOf(now)}
      aria-describedby={wrong ? `${id}-wrong` : undefined}
      onChange={(value) => set(value === null ? "" : `${value}%`)}
    />
  );
}

/** Everybody, or only the first few. */
export function Pilot({ chosen, choose }: Asked) {
  const say = useStart();
  const some = chosen.pilot !== null;
  return (
    <>
      <Radio.Group
        aria-label={say("pilot")}
        value={some}
        onChange={({ target }) => choose({ pilot: target.value ? USUAL_PILOT : null })}
      >
        <Flex vertical gap={12}>
          <Kind value={true} title={say("pilot_first")} why={say("pilot_first_why")} />
          <Kind value={false} title={say("pilot_all")} why={say("pilot_all_why")} />
        </Flex>
      </Radio.Group>
      {some && (
        <div className="play-field">
          <label htmlFor="play-pilot">{say("pilot_many")}</label>
          <InputNumber<number>
            id="play-pilot"
            min={1}
            max={1_000_000}
            precision={0}
            value={chosen.pilot}
            onChange={(value) => choose({ pilot: value ?? USUAL_PILOT })}
          />
        </div>
      )}
    </>
  );
}

function Kind({ value, title, why }: { value: boolean; title: string; why: string }) {
  return (
    <Radio value={value}>
      {title}
      <div className="quiet small">{why}</div>
    </Radio>
  );
}

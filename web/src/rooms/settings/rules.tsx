import { Button, Flex, Input, InputNumber, Select } from "antd";
import { type ReactNode, useState } from "react";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useDone } from "@/ui/done";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { Review, Unsaved } from "./draft";
import { changeOf, keyOf, type Pace, type Quota, type Rules } from "./rules.diff";
import { useChannel, useLine } from "./said";
import { useSettings } from "./words";
import "./settings.css";

/** Quiet hours, caps, quotas and pace: changed together, and shown in words before it is done. */
export function Component() {
  const say = useSettings();
  const query = api.useQuery("get", "/api/v1/budget/rules", {});
  return (
    <Page title={say("rules")} under={say("rules_under")}>
      <Shown query={query}>{(rules) => <Editor saved={rules} />}</Shown>
    </Page>
  );
}

function Editor({ saved }: { saved: Rules }) {
  const say = useSettings();
  const line = useLine();
  const done = useDone();
  const may = useMay()("budget.write");
  const [draft, setDraft] = useState<Rules | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const rules = draft ?? saved;
  const { body, lines } = changeOf(saved, rules);
  const back = useAct("put", "/api/v1/budget/rules", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/budget/rules", {
    onSuccess: () => {
      const undo = changeOf(rules, saved).body;
      setDraft(null);
      setReviewing(false);
      done(say("saved_rules"), () => back.mutate({ body: undo }));
    },
  });
  const change = (some: Partial<Rules>) => setDraft({ ...rules, ...some });
  const edit = { rules, change, may };
  return (
    <div className="sections">
      <HoursTable {...edit} />
      <CapsTable {...edit} />
      <QuotasTable {...edit} />
      <PaceForm pace={rules.pace} set={(pace) => change({ pace })} may={may} />
      <Unsaved
        many={lines.length}
        review={() => setReviewing(true)}
        discard={() => setDraft(null)}
      />
      <Review
        open={reviewing}
        lines={lines.map(line)}
        effect={say("rules_effect")}
        error={act.error}
        busy={act.isPending}
        save={() => act.mutate({ body })}
        close={() => setReviewing(false)}
      />
    </div>
  );
}

type Edit = { rules: Rules; change: (some: Partial<Rules>) => void; may: boolean };

function HoursTable({ rules, change, may }: Edit) {
  const say = useSettings();
  const rows = rules.hours;
  const set = (place: number, hours: string) =>
    change({ hours: rows.map((row, at) => (at === place ? { ...row, hours } : row)) });
  return (
    <Section title={say("hours")} help={say("hours_help")}>
      <table className="rules">
        <Heads of={[say("channel"), say("purpose"), say("hours_of_day"), ""]} />
        <tbody>
          {rows.map((row, place) => (
            <tr key={keyOf("hours", row)}>
              <Channel of={row.channel} />
              <Purpose of={row.purpose} />
              <td>
                <Input
                  aria-label={say("hours_of_day")}
                  value={row.hours}
                  disabled={!may}
                  status={HOURS.test(row.hours) ? "" : "error"}
                  onChange={(event) => set(place, event.target.value)}
                />
              </td>
              <Gone
                may={may}
                press={() => change({ hours: rows.filter((_, at) => at !== place) })}
              />
            </tr>
          ))}
        </tbody>
      </table>
      {may && (
        <Add
          taken={rows.map((row) => keyOf("hours", row))}
          add={(channel, purpose) =>
            change({ hours: [...rows, { channel, purpose, hours: "09:00-20:00" }] })
          }
        />
      )}
    </Section>
  );
}

const SPAN = "\\d{2}:\\d{2}-\\d{2}:\\d{2}";
const HOURS = new RegExp(`^${SPAN}(, ?${SPAN})*$`);

function CapsTable({ rules, change, may }: Edit) {
  const say = useSettings();
  const rows = rules.caps;
  const set = (place: number, most: number) =>
    change({ caps: rows.map((row, at) => (at === place ? { ...row, most } : row)) });
  return (
    <Section title={say("caps")} help={say("caps_help")}>
      <table className="rules">
        <Heads of={[say("who"), say("channel"), say("purpose"), say("days"), say("most"), ""]} />
        <tbody>
          {rows.map((row, place) => (
            <tr key={keyOf("caps", row)}>
              <td>{row.layer === "*" ? say("everybody") : <code>{row.layer}</code>}</td>
              <Channel of={row.channel} />
              <Purpose of={row.purpose} />
              <td>{say("in_days", { count: row.days })}</td>
              <td>
                <InputNumber
                  aria-label={say("most")}
                  min={0}
                  max={1000}
                  precision={0}
                  value={row.most}
                  disabled={!may}
                  onChange={(value) => value !== null && set(place, value)}
                />
              </td>
              <Gone
                may={may}
                press={() => change({ caps: rows.filter((_, at) => at !== place) })}
              />
            </tr>
          ))}
        </tbody>
      </table>
      {may && <AddCap rules={rules} change={change} />}
    </Section>
  );
}

function AddCap({ rules, change }: { rules: Rules; change: Edit["change"] }) {
  const say = useSettings();
  const [layer, setLayer] = useState("*");
  const [days, setDays] = useState(7);
  return (
    <Flex gap={8} wrap align="center">
      <Input
        className="short"
        aria-label={say("who")}
        title={say("layer_help")}
        value={layer}
        onChange={(event) => setLayer(event.target.value)}
      />
      <InputNumber
        aria-label={say("days")}
        min={1}
        max={366}
        precision={0}
        value={days}
        onChange={(value) => setDays(value ?? 7)}
      />
      <Add
        taken={rules.caps
          .filter((row) => row.layer === layer && row.days === days)
          .map((row) => `${row.channel}/${row.purpose}`)}
        add={(channel, purpose) =>
          change({ caps: [...rules.caps, { layer, channel, purpose, days, most: 1 }] })
        }
      />
    </Flex>
  );
}

function QuotasTable({ rules, change, may }: Edit) {
  const say = useSettings();
  const code = useCode();
  const rows = rules.quotas;
  const set = (place: number, most: number | null) =>
    change({ quotas: rows.map((row, at) => (at === place ? { ...row, most } : row)) });
  if (rows.length === 0 && !may) return null;
  return (
    <Section title={say("quotas")} help={say("quotas_help")}>
      <table className="rules">
        <Heads of={[say("channel"), say("per"), say("period"), say("most"), ""]} />
        <tbody>
          {rows.map((row, place) => (
            <tr key={keyOf("quotas", row)}>
              <Channel of={row.channel} />
              <td>{say(row.per === "brand" ? "per_brand" : "per_customer")}</td>
              <td>{code("period", row.period)}</td>
              <td>
                <InputNumber
                  aria-label={say("most")}
                  min={1}
                  precision={0}
                  value={row.most}
                  placeholder={say("days_of_month")}
                  disabled={!may}
                  onChange={(value) =>
                    (value !== null || row.period === "month") && set(place, value)
                  }
                />
              </td>
              <Gone
                may={may}
                press={() => change({ quotas: rows.filter((_, at) => at !== place) })}
              />
            </tr>
          ))}
        </tbody>
      </table>
      {may && <AddQuota rows={rows} add={(one) => change({ quotas: [...rows, one] })} />}
    </Section>
  );
}

const PERS = ["customer", "brand"] as const;
const PERIODS = ["hour", "day", "week", "month"] as const;

/** A carrier's quota; its first number is one, to be written over. */
function AddQuota({ rows, add }: { rows: Quota[]; add: (one: Quota) => void }) {
  const say = useSettings();
  const code = useCode();
  const named = useChannel();
  const [one, choose] = useState<Quota>({
    channel: "wecom_mass",
    per: "customer",
    period: "month",
    most: 1,
  });
  const taken = rows.some((row) => keyOf("quotas", row) === keyOf("quotas", one));
  return (
    <Flex gap={8} wrap align="center" className="add">
      <Select
        aria-label={say("channel")}
        value={one.channel}
        popupMatchSelectWidth={false}
        options={CARRIED.map((channel) => ({ value: channel, label: named(channel) }))}
        onChange={(channel) => choose({ ...one, channel })}
      />
      <Select
        aria-label={say("per")}
        value={one.per}
        popupMatchSelectWidth={false}
        options={PERS.map((per) => ({ value: per, label: say(`per_${per}`) }))}
        onChange={(per) => choose({ ...one, per })}
      />
      <Select
        aria-label={say("period")}
        value={one.period}
        popupMatchSelectWidth={false}
        options={PERIODS.map((period) => ({ value: period, label: code("period", period) }))}
        onChange={(period) => choose({ ...one, period })}
      />
      <Button disabled={taken} onClick={() => add(one)}>
        {say(taken ? "has_rule" : "add_rule")}
      </Button>
    </Flex>
  );
}

function PaceForm(props: { pace: Pace; set: (pace: Pace) => void; may: boolean }) {
  const { pace, set, may } = props;
  const say = useSettings();
  const field = (name: keyof Pace, most: number, help: string, empty = false) => (
    <div className="field" key={name}>
      <label htmlFor={name}>{say(name)}</label>
      <InputNumber
        id={name}
        min={empty ? 1 : 0}
        max={most}
        precision={0}
        value={pace[name]}
        placeholder={empty ? say("no_limit") : ""}
        disabled={!may}
        onChange={(value) => (value !== null || empty) && set({ ...pace, [name]: value })}
      />
      <span className="quiet">{help}</span>
    </div>
  );
  return (
    <Section title={say("pace")} help={say("pace_help")}>
      {field("window_hours", 24, say("window_help"))}
      {field("presses", 100_000, say("presses_help"), true)}
      {field("cooldown_days", 366, say("cooldown_help"))}
    </Section>
  );
}

function Section(props: { title: string; help: string; children: ReactNode }) {
  return (
    <section className="panel">
      <h2>{props.title}</h2>
      <p className="quiet">{props.help}</p>
      {props.children}
    </section>
  );
}

function Heads({ of }: { of: string[] }) {
  return (
    <thead>
      <tr>{of.map((head) => (head ? <th key={head}>{head}</th> : <td key="none" />))}</tr>
    </thead>
  );
}

function Channel({ of }: { of: string | undefined }) {
  const channel = useChannel();
  return <td>{channel(of ?? "*")}</td>;
}

function Purpose({ of }: { of: string | undefined }) {
  const code = useCode();
  return <td>{code("purpose", of ?? "*")}</td>;
}

function Gone({ may, press }: { may: boolean; press: () => void }) {
  const say = useSettings();
  return (
    <td>
      {may && (
        <Button type="text" size="small" onClick={press}>
          {say("remove")}
        </Button>
      )}
    </td>
  );
}

const CARRIED = ["sms", "voice_ai", "voice_human", "wecom_request", "wecom_message", "wecom_mass"];
const CHANNELS = ["*", "voice", "wecom", ...CARRIED];
const PURPOSES = ["*", "order_invitation", "promotion", "service"];

/** A rule for a channel and a purpose that has none yet. */
function Add(props: { taken: string[]; add: (channel: string, purpose: string) => void }) {
  const say = useSettings();
  const code = useCode();
  const named = useChannel();
  const [channel, setChannel] = useState("*");
  const [purpose, setPurpose] = useState("promotion");
  const taken = props.taken.includes(`${channel}/${purpose}`);
  return (
    <Flex gap={8} wrap align="center" className="add">
      <Select
        aria-label={say("channel")}
        value={channel}
        popupMatchSelectWidth={false}
        options={CHANNELS.map((one) => ({ value: one, label: named(one) }))}
        onChange={setChannel}
      />
      <Select
        aria-label={say("purpose")}
        value={purpose}
        popupMatchSelectWidth={false}
        options={PURPOSES.map((one) => ({ value: one, label: code("purpose", one) }))}
        onChange={setPurpose}
      />
      <Button disabled={taken} onClick={() => props.add(channel, purpose)}>
        {say(taken ? "has_rule" : "add_rule")}
      </Button>
    </Flex>
  );
}

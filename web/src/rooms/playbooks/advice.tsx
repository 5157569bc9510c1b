import { Collapse, Flex, InputNumber, Select, Tag } from "antd";
import { Link } from "react-router";
import type { SchemaAdvicePoint, SchemaAdviceShown } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { money } from "@/ui/format";
import { Shown } from "@/ui/states";
import { PRESET, type Tone } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { placeOf } from "./places";
import { type Say, usePlaybooks } from "./words";

export type Service = "" | "heavy" | "light";
type Titles = Map<string, { zh: string; en: string } | null>;
type Key = Parameters<Say>[0];

const TONES: Record<string, Tone> = { ready: "ours", not_yet: "waits", unknown: "plain" };
const MARKS: Record<string, string> = { yes: "✓", no: "✗", unknown: "?" };
const DOES: Record<string, string> = {
  orders: "/settings/imports",
  connection: "/settings/connections/wecom",
  margin: "/settings/prices",
  content: "/content",
};
const PLAIN = new Set(["connection", "service"]); // without a figure

interface Said {
  titles: Titles;
  margin: string;
  service: Service;
  set: (change: { margin?: string; service?: string }) => void;
}

/** Is it time, and what to start: from the brand's own figures, each with its reason. */
export function Advice(
  props: Said & {
    query: {
      data: SchemaAdviceShown | undefined;
      error: unknown;
      isPending: boolean;
      refetch: () => unknown;
    };
  },
) {
  const say = usePlaybooks();
  return (
    <section className="panel play-advice" aria-label={say("advice")}>
      <Shown query={props.query} rows={4}>
        {(found) => <Found {...props} found={found} />}
      </Shown>
    </section>
  );
}

function Found({ found, titles, margin, service, set }: Said & { found: SchemaAdviceShown }) {
  const say = usePlaybooks();
  const code = useCode();
  const [language] = useLanguage();
  const open = found.points.filter((one) => one.verdict !== "yes");
  const tone = TONES[found.ready] ?? "plain";
  return (
    <Flex vertical gap={12}>
      <div>
        <h2 className="play-h2">
          {say("advice")}{" "}
          <Tag variant="filled" color={PRESET[tone]} className={`tone-${tone}`}>
            {say(`ready_${found.ready}` as Key)}
          </Tag>
        </h2>
        <p>{say(`ready_${found.ready}_why` as Key)}</p>
        <p>
          <strong>{say("stage_goal", { goal: code("goal", found.goal) })}</strong>{" "}
          <span className="quiet" data-raw>
            {found.goal_why}
          </span>
        </p>
      </div>
      {open.length > 0 && (
        <ul className="play-needs">
          {open.map((one) => (
            <Point key={one.what} of={one} />
          ))}
        </ul>
      )}
      <Flex gap={16} wrap>
        <div className="play-ask">
          <label htmlFor="play-margin">{say("margin")}</label>
          <InputNumber<number>
            id="play-margin"
            min={0}
            max={100}
            precision={0}
            suffix="%"
            value={margin === "" ? null : Number(margin)}
            onChange={(value) => set({ margin: value === null ? "" : String(value) })}
          />
          <span className="quiet small">{say("margin_help")}</span>
        </div>
        <div className="play-ask">
          <label htmlFor="play-service">{say("service")}</label>
          <Select<Service>
            id="play-service"
            allowClear
            placeholder={say("v_unknown")}
            value={service || undefined}
            options={[
              { value: "heavy", label: say("service_heavy") },
              { value: "light", label: say("service_light") },
            ]}
            onChange={(value?: Service) => set({ service: value ?? "" })}
          />
        </div>
      </Flex>
      <div>
        <strong>{say("picks")}</strong>
        {found.playbooks.length === 0 && <p className="quiet">{say("no_picks")}</p>}
        <ol className="play-picks">
          {found.playbooks.map((one) => (
            <li key={one.playbook}>
              <Link to={placeOf(one.playbook)} data-raw>
                {titles.get(one.playbook)?.[language] ?? one.playbook}
              </Link>{" "}
              <span className="quiet" data-raw>
                {one.why}
              </span>
              {one.running && <span className="quiet"> · {say("state_running")}</span>}
            </li>
          ))}
        </ol>
      </div>
      <Collapse
        ghost
        size="small"
        className="play-basis"
        items={[{ key: "basis", label: say("basis"), children: <Basis found={found} /> }]}
      />
    </Flex>
  );
}

/** A question of readiness with its figure; where the answer is no, what to do. */
function Point({ of }: { of: SchemaAdvicePoint }) {
  const say = usePlaybooks();
  const tone = of.verdict === "yes" ? "tone-ours" : of.verdict === "no" ? "tone-waits" : "quiet";
  const to = DOES[of.what];
  const todo = say(`do_${of.what}` as Key);
  return (
    <li>
      <span className={tone} aria-hidden>
        {MARKS[of.verdict]}
      </span>
      <span>
        <strong>{say(`p_${of.what}` as Key)}</strong>{" "}
        <span className={tone}>{say(`v_${of.verdict}` as Key)}</span>
        {!PLAIN.has(of.what) && (
          <span className="number">
            {" "}
            · <span data-raw>{of.figure}</span>{" "}
            <span className="quiet">{say("asked", { asked: of.asked })}</span>
          </span>
        )}
        <span className="quiet"> · {say(`why_${of.what}` as Key)}</span>
        {of.verdict !== "yes" && <> {to ? <Link to={to}>{todo}</Link> : todo}</>}
      </span>
    </li>
  );
}

function Basis({ found }: { found: SchemaAdviceShown }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  const { matrix } = found;
  const said = {
    per: matrix.per_year.toFixed(1),
    money: money(matrix.order_minor, language),
  };
  const rows: [string, string][] = [
    [say("operated"), say(`operated_${matrix.operated}` as Key)],
    [say("frequency"), say(`frequency_${matrix.frequency}` as Key, said)],
    [say("price"), say(`price_${matrix.price}` as Key, said)],
    [say("volume"), say(`volume_${matrix.volume}` as Key)],
    [say("rhythm"), found.frequency],
    [say("staffing"), found.staffing],
  ];
  return (
    <div className="play-two">
      <ul className="play-needs">
        {found.points.map((one) => (
          <Point key={one.what} of={one} />
        ))}
      </ul>
      <div>
        <h3 className="play-h3">{say("matrix")}</h3>
        <dl className="play-terms">
          {rows.map(([term, value]) => (
            <div key={term}>
              <dt className="quiet">{term}</dt>
              <dd data-raw>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}

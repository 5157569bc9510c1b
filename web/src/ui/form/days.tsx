import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, DatePicker, Input, Select, Space, TimePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import type { Desk } from "./desk";
import type { InputProps } from "./field";
import { putter } from "./plain";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof DAYS)[number];

export const dayOf = (said: string): Dayjs | null => {
  const found = dayjs(said);
  return found.isValid() ? found : null;
};

const clockOf = (said: string): Dayjs | null => {
  const found = /^(\d{1,2}):(\d{2})$/.exec(said);
  return found ? dayjs("2000-01-01").hour(Number(found[1])).minute(Number(found[2])) : null;
};

function Time(props: {
  id?: string;
  label?: string;
  value: string;
  disabled: boolean;
  set: (next: string) => void;
}) {
  const { id, label, value, disabled, set } = props;
  return (
    <TimePicker
      {...(id ? { id } : {})}
      {...(label ? { "aria-label": label } : {})}
      className="form-time"
      format="HH:mm"
      minuteStep={5}
      needConfirm={false}
      showNow={false}
      allowClear={false}
      disabled={disabled}
      value={clockOf(value)}
      onChange={(next) => next && set(next.format("HH:mm"))}
    />
  );
}

export function Clock(props: InputProps) {
  const { desk, value, htmlId } = props;
  return (
    <Time
      id={htmlId}
      value={value === undefined ? "" : String(value)}
      disabled={desk.readOnly}
      set={putter(props)}
    />
  );
}

export function OneDate(props: InputProps) {
  const { desk, value, htmlId } = props;
  const set = putter(props);
  return (
    <DatePicker
      id={htmlId}
      disabled={desk.readOnly}
      value={dayOf(String(value ?? ""))}
      onChange={(next) => set(next ? next.format("YYYY-MM-DD") : "")}
    />
  );
}

/** A day, or from one to a later one: `sat`, `mon-fri`. */
function Weekdays(props: {
  desk: Desk;
  id?: string;
  title: string;
  value: string;
  set: (next: string) => void;
}) {
  const { desk, id, title, value, set } = props;
  const [from = "", to = ""] = value.split("-") as [Day?, Day?];
  const first = from ? DAYS.indexOf(from) : 0;
  const named = (day: Day) => ({ value: day as string, label: desk.say(day) });
  const said = (one: string, other: string) =>
    set(other && DAYS.indexOf(other as Day) > DAYS.indexOf(one as Day) ? `${one}-${other}` : one);
  return (
    <Space.Compact block>
      <Select<string>
        {...(id ? { id } : {})}
        aria-label={`${title} ${desk.say("from_day")}`}
        disabled={desk.readOnly}
        popupMatchSelectWidth={false}
        value={from || null}
        options={DAYS.map(named)}
        onChange={(next) => said(next, to)}
      />
      <Select<string>
        aria-label={`${title} ${desk.say("to_day")}`}
        disabled={desk.readOnly || !from}
        popupMatchSelectWidth={false}
        value={to === from ? "" : to}
        options={[
          { value: "", label: desk.say("this_day") },
          ...DAYS.slice(first + 1).map((day) => ({
            value: day as string,
            label: `${desk.say("to_day")} ${desk.say(day)}`,
          })),
        ]}
        onChange={(next) => said(from, next)}
      />
    </Space.Compact>
  );
}

export function Days(props: InputProps) {
  const { desk, ask, value, htmlId } = props;
  return (
    <Weekdays
      desk={desk}
      id={htmlId}
      title={ask.title[desk.language]}
      value={value === undefined ? "" : String(value)}
      set={putter(props)}
    />
  );
}

const WINDOW = /^((?:[01]?\d|2[0-3]):[0-5]\d)-((?:[01]?\d|2[0-3]):[0-5]\d)$/;

/** `mon-fri 10:00-18:00; sat 10:00-16:00`, row by row. */
export function Hours(props: InputProps) {
  const { desk, ask, value } = props;
  const rows = String(value ?? "")
    .split(";")
    .map((one) => one.trim())
    .filter(Boolean);
  const set = putter(props);
  const put = (next: readonly string[]) => set(next.join("; "));
  const title = ask.title[desk.language];
  return (
    <div className="form-hours">
      {rows.map((row, place) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the text
          key={place}
          {...props}
          htmlId={place ? "" : props.htmlId}
          title={`${title} ${place + 1}`}
          row={row}
          set={(next) => put(rows.map((one, at) => (at === place ? next : one)))}
          drop={rows.length > 1 ? () => put(rows.filter((_, at) => at !== place)) : null}
        />
      ))}
      {!desk.readOnly && (
        <Button
          size="small"
          icon={<PlusOutlined />}
          onClick={() => put([...rows, `${freeDay(rows)} 10:00-18:00`])}
        >
          {desk.say("add_hours")}
        </Button>
      )}
    </div>
  );
}

/** The first day that no row speaks of. */
function freeDay(rows: readonly string[]): string {
  const taken = new Set(
    rows.flatMap((row) => {
      const [from = "", to = from] = (row.split(" ")[0] ?? "").split("-");
      return DAYS.slice(DAYS.indexOf(from as Day), DAYS.indexOf(to as Day) + 1) as string[];
    }),
  );
  return DAYS.find((day) => !taken.has(day)) ?? "sun";
}

function Row(
  props: InputProps & {
    title: string;
    row: string;
    set: (next: string) => void;
    drop: (() => void) | null;
  },
) {
  const { desk, htmlId, title, row, set, drop } = props;
  const space = row.indexOf(" ");
  const [days, hours] = [row.slice(0, space), row.slice(space + 1)];
  const found = WINDOW.exec(hours);
  return (
    <div className="form-row">
      <Weekdays
        desk={desk}
        id={htmlId}
        title={title}
        value={days}
        set={(next) => set(`${next} ${hours}`)}
      />
      {found ? (
        <span className="form-window">
          <Time
            label={`${title} ${desk.say("opens")}`}
            value={found[1] ?? ""}
            disabled={desk.readOnly}
            set={(next) => set(`${days} ${next}-${found[2]}`)}
          />
          –
          <Time
            label={`${title} ${desk.say("closes")}`}
            value={found[2] ?? ""}
            disabled={desk.readOnly}
            set={(next) => set(`${days} ${found[1]}-${next}`)}
          />
        </span>
      ) : (
        <Input
          aria-label={`${title} ${desk.say("hours")}`}
          disabled={desk.readOnly}
          value={hours}
          onChange={(event) => set(`${days} ${event.target.value}`)}
        />
      )}
      {drop && !desk.readOnly && (
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={`${desk.say("drop_hours")} ${title}`}
          onClick={drop}
        />
      )}
    </div>
  );
}

import { InputNumber, Table } from "antd";
import { digits, money } from "@/ui/format";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import type { Budget, Preview } from "./choices";
import type { Asked } from "./start";
import { useStart } from "./start.words";
import { Enough, Some } from "./step-where";

type Guide = Preview["staff"]["guides"][number];

/** Who does what takes people, and whether they can. */
export function Staff({ preview, chosen, choose }: Asked) {
  const say = useStart();
  const { guides, enough, says } = preview.staff;
  return (
    <>
      <p>
        <Enough of={enough} /> <span data-raw>{says}</span>
      </p>
      {guides.length === 0 ? (
        <p className="quiet">{say("staff_none")}</p>
      ) : (
        <>
          <p className="quiet">{say("staff_why")}</p>
          <Wide label={say("staff")}>
            <Table<Guide>
              aria-label={say("staff")}
              size="small"
              rowKey="code"
              pagination={guides.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
              dataSource={guides}
              rowSelection={{
                selectedRowKeys: chosen.staff,
                onChange: (keys) => choose({ staff: keys.map(String) }),
                getTitleCheckboxProps: () => ({ "aria-label": say("staff") }),
                getCheckboxProps: (row) => ({ "aria-label": row.name || row.code }),
              }}
              columns={[
                {
                  title: say("guide"),
                  render: (_, row) => (
                    <>
                      <span data-raw>{row.name || row.code}</span>
                      {row.put_off > 0 && (
                        <span className="tone-waits small"> {say("put_off")}</span>
                      )}
                    </>
                  ),
                },
                {
                  title: say("store"),
                  render: (_, row) => <span data-raw>{row.store || "—"}</span>,
                },
                {
                  title: say("friends"),
                  align: "right",
                  render: (_, row) => <Some of={row.friends} />,
                },
                {
                  title: say("presses"),
                  align: "right",
                  render: (_, row) => <Some of={row.presses} />,
                },
                {
                  title: say("tasks"),
                  align: "right",
                  render: (_, row) => <Some of={row.tasks} />,
                },
              ]}
            />
          </Wide>
        </>
      )}
    </>
  );
}

/** How much it may spend, beside what it may cost. */
export function Budgeted({ preview, chosen, choose }: Asked) {
  const say = useStart();
  const [language] = useLanguage();
  const { currency, estimate, parts, spent_minor, enough, says } = preview.budget;
  const shown = (minor: number) => money(minor, language, currency);
  const set = (some: Partial<Budget>) =>
    choose({ budget: { total_minor: null, daily_minor: null, ...chosen.budget, ...some } });
  return (
    <>
      <p className="quiet">{say("budget_why")}</p>
      <div className="play-fields">
        <Cap
          id="total"
          label={say("total")}
          currency={currency}
          minor={chosen.budget?.total_minor ?? null}
          set={(total_minor) => set({ total_minor })}
        />
        <Cap
          id="daily"
          label={say("daily")}
          currency={currency}
          minor={chosen.budget?.daily_minor ?? null}
          set={(daily_minor) => set({ daily_minor })}
        />
      </div>
      <p className="number">
        {estimate
          ? say("estimate", {
              range: say("range", {
                likely: shown(estimate.likely),
                low: shown(estimate.low),
                high: shown(estimate.high),
              }),
            })
          : say("estimate_none")}
        {spent_minor > 0 && <> · {say("spent", { money: shown(spent_minor) })}</>}
      </p>
      {parts && (
        <p className="quiet small">
          <span data-raw>{parts}</span>
          {chosen.pilot !== null && <> {say("estimate_all")}</>}
        </p>
      )}
      <p>
        <Enough of={enough} /> <span data-raw>{says}</span>
      </p>
    </>
  );
}

function Cap(props: {
  id: string;
  label: string;
  currency: string;
  minor: number | null;
  set: (minor: number | null) => void;
}) {
  const { id, label, currency, minor, set } = props;
  const unit = 10 ** digits(currency);
  return (
    <div className="play-field">
      <label htmlFor={`play-${id}`}>{label}</label>
      <InputNumber<number>
        id={`play-${id}`}
        min={0}
        max={1_000_000_000}
        precision={digits(currency)}
        suffix={currency}
        value={minor === null ? null : minor / unit}
        onChange={(value) => set(value === null ? null : Math.round(value * unit))}
      />
    </div>
  );
}

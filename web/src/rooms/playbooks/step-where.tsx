import { Input, Switch, Table, Tag } from "antd";
import { Link } from "react-router";
import { useCode } from "@/ui/codes";
import { Count, When } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { type Allowed, allow, type Preview } from "./choices";
import type { Asked } from "./start";
import { useStart } from "./start.words";
import { cameIn } from "./told";

type Policed = Preview["policy"][number];

/** Who comes in, and from which shops. */
export function Source({ preview, chosen, choose }: Asked) {
  const say = useStart();
  const code = useCode();
  const [language] = useLanguage();
  const { ways, takes_shops, shops } = preview.source;
  return (
    <>
      <h3 className="play-h3">{say("ways")}</h3>
      <ul className="play-plain">
        {ways.map((one) => (
          <li key={`${one.journey} ${one.says}`} data-raw>
            {cameIn(one, { say, code, language })}
          </li>
        ))}
      </ul>
      <h3 className="play-h3">{say("shops")}</h3>
      {!takes_shops && <p className="quiet">{say("shops_not")}</p>}
      {takes_shops && shops.length === 0 && <p className="quiet">{say("shops_none")}</p>}
      {takes_shops && shops.length > 0 && (
        <>
          <p className="quiet">{say("shops_all")}</p>
          <Wide label={say("shops")}>
            <Table
              aria-label={say("shops")}
              size="small"
              rowKey="code"
              pagination={false}
              dataSource={shops}
              rowSelection={{
                selectedRowKeys: chosen.shops,
                onChange: (keys) => choose({ shops: keys.map(String) }),
                getTitleCheckboxProps: () => ({ "aria-label": say("shops") }),
                getCheckboxProps: (row) => ({ "aria-label": row.name || row.code }),
              }}
              columns={[
                {
                  title: say("shop"),
                  render: (_, row) => <span data-raw>{row.name || row.code}</span>,
                },
                { title: say("last_order"), render: (_, row) => <When at={row.last_order_at} /> },
              ]}
            />
          </Wide>
        </>
      )}
    </>
  );
}

/** What each shop tolerates: the brand's explicit choice. */
export function Policy({ preview, chosen, choose }: Asked) {
  const say = useStart();
  const code = useCode();
  const rows = preview.policy;
  if (rows.length === 0) return <p className="quiet">{say("policy_none")}</p>;
  const now = (row: Policed): Allowed =>
    chosen.policy.find((one) => one.shop === row.shop && one.channel === row.channel) ?? row;
  const change = (row: Policed, some: Partial<Allowed>) => {
    const { shop, channel, allowed, note } = { ...now(row), ...some };
    choose({ policy: allow(chosen.policy, { shop, channel, allowed, note }, row) });
  };
  return (
    <>
      <p className="quiet">{say("policy_why")}</p>
      <Wide label={say("policy")}>
        <Table<Policed>
          aria-label={say("policy")}
          size="small"
          rowKey={(row) => `${row.shop} ${row.channel}`}
          pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
          dataSource={[...rows].sort(
            (one, other) => Number(other.taken_from) - Number(one.taken_from),
          )}
          columns={[
            {
              title: say("shop"),
              render: (_, row) => (
                <>
                  <span data-raw>{row.name || row.shop}</span>
                  {!row.taken_from && <span className="quiet small"> {say("not_taken")}</span>}
                </>
              ),
            },
            { title: say("channel"), render: (_, row) => code("channel", row.channel) },
            {
              title: say("allowed"),
              render: (_, row) => (
                <Switch
                  size="small"
                  aria-label={`${say("allowed")} ${row.name || row.shop} ${code("channel", row.channel)}`}
                  checked={now(row).allowed}
                  onChange={(allowed) => change(row, { allowed })}
                />
              ),
            },
            {
              title: say("note"),
              render: (_, row) => (
                <Input
                  size="small"
                  maxLength={200}
                  aria-label={`${say("note")} ${row.name || row.shop} ${code("channel", row.channel)}`}
                  value={now(row).note}
                  onChange={({ target }) => change(row, { note: target.value })}
                />
              ),
            },
          ]}
        />
      </Wide>
    </>
  );
}

/** What it gives, and whether there is enough of it. */
export function Offers({ preview }: Asked) {
  const say = useStart();
  const code = useCode();
  const [language] = useLanguage();
  if (preview.offers.length === 0) return <p className="quiet">{say("offers_none")}</p>;
  return (
    <Wide label={say("offer")}>
      <Table
        aria-label={say("offer")}
        size="small"
        rowKey="offer"
        pagination={false}
        dataSource={preview.offers}
        columns={[
          {
            title: say("offer"),
            render: (_, row) => (
              <>
                <Link to={`/content/offers/${row.offer}`} data-raw>
                  {row.title[language] || row.offer}
                </Link>{" "}
                <span className="quiet small">{code("offer_kind", row.kind)}</span>
              </>
            ),
          },
          { title: say("there"), align: "right", render: (_, row) => <Some of={row.there} /> },
          { title: say("needed"), align: "right", render: (_, row) => <Some of={row.needed} /> },
          {
            title: say("says"),
            render: (_, row) => (
              <>
                <Enough of={row.enough} /> <span data-raw>{row.says}</span>
              </>
            ),
          },
        ]}
      />
    </Wide>
  );
}

export function Some({ of }: { of: number | null }) {
  return of === null ? <span className="quiet">—</span> : <Count of={of} />;
}

export function Enough({ of }: { of: boolean | null }) {
  const say = useStart();
  if (of === null) return null;
  return (
    <Tag variant="filled" className={of ? "tone-ours" : "tone-waits"}>
      {say(of ? "enough" : "short")}
    </Tag>
  );
}

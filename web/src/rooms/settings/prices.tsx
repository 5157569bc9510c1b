import { Button, DatePicker, Flex, Input, InputNumber, Select, Table, type TableProps } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useDone } from "@/ui/done";
import { digits, money } from "@/ui/format";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { Review, Unsaved } from "./draft";
import { useSettings } from "./words";
import "./settings.css";

type Price = components["schemas"]["PriceRow"];

/** What things cost the brand. */
export function Component() {
  const say = useSettings();
  const prices = api.useQuery("get", "/api/v1/settings/prices", {});
  return (
    <Page title={say("prices")} under={say("prices_under")}>
      <div className="sections">
        <section className="panel">
          <h2>{say("price_list")}</h2>
          <p className="quiet">{say("price_help")}</p>
          <Shown query={prices}>{(found) => <Prices saved={found.prices} />}</Shown>
        </section>
      </div>
    </Page>
  );
}

const named = (one: { kind: string; variant: string }) => `${one.kind} ${one.variant}`;

function Prices({ saved }: { saved: Price[] }) {
  const say = useSettings();
  const code = useCode();
  const done = useDone();
  const [language] = useLanguage();
  const may = useMay()("settings.write");
  const currency = useSession().data?.brand.currency ?? "CNY";
  const places = digits(currency);
  const [draft, setDraft] = useState<Record<string, Partial<Price>>>({});
  const [added, setAdded] = useState<Price[]>([]);
  const [from, setFrom] = useState<string | null>(null);
  const [reviewing, setReviewing] = useState(false);
  // A fee is of a tool: without one there is nothing to fill in.
  const held = saved.filter(
    (one) => one.holds || (one.unit_minor === null && one.kind !== "tool_fee"),
  );
  const others = saved.filter((one) => !one.holds && one.unit_minor !== null);
  const listed = [...held, ...added];
  const rows = listed.map((one) => ({ ...one, ...draft[named(one)] }));
  const changed = rows.filter((row, place) => {
    const old = listed[place];
    return old && (old.unit_minor !== row.unit_minor || old.note !== row.note);
  });
  const before = (row: Price) => listed.find((one) => named(one) === named(row));
  const label = (row: Price) => `${code("price", row.kind)} ${row.variant}`.trim();
  const back = useAct("put", "/api/v1/settings/prices", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/settings/prices", {
    onSuccess: () => {
      const old = changed.flatMap((row) => {
        const { unit_minor, note } = before(row) ?? {};
        return typeof unit_minor === "number"
          ? [
              {
                kind: row.kind,
                variant: row.variant,
                unit_minor,
                note: note ?? "",
                valid_from: from,
              },
            ]
          : [];
      });
      setDraft({});
      setAdded([]);
      setReviewing(false);
      done(
        say("saved_prices", { count: changed.length }),
        old.length === changed.length
          ? () => back.mutate({ body: { by: "", prices: old } })
          : undefined,
      );
    },
  });
  const set = (row: Price, some: Partial<Price>) =>
    setDraft((all) => ({ ...all, [named(row)]: { ...all[named(row)], ...some } }));
  const asMoney = (minor: number | null | undefined) =>
    minor === null || minor === undefined ? say("unset") : money(minor, language, currency);
  const of: TableProps<Price>["columns"] = [
    { key: "kind", title: say("what"), render: (_, row) => code("price", row.kind) },
    {
      key: "variant",
      title: say("price_of"),
      render: (_, row) =>
        row.variant ? <code>{row.variant}</code> : <span className="quiet">{say("any_of")}</span>,
    },
    {
      key: "since",
      title: say("price_since"),
      render: (_, row) => row.valid_from ?? (row.unit_minor === null ? "" : say("since_ever")),
    },
  ];
  const columns: TableProps<Price>["columns"] = [
    ...of,
    {
      key: "unit",
      title: say("unit_price", { currency }),
      className: "money",
      align: "right",
      render: (_, row) => (
        <InputNumber
          aria-label={`${say("unit_price", { currency })} ${label(row)}`}
          min={0}
          precision={places}
          step={10 ** -places}
          value={row.unit_minor === null ? null : row.unit_minor / 10 ** places}
          disabled={!may}
          onChange={(value) =>
            value !== null && set(row, { unit_minor: Math.round(value * 10 ** places) })
          }
        />
      ),
    },
    {
      key: "note",
      title: say("note"),
      render: (_, row) => (
        <Input
          aria-label={`${say("note")} ${label(row)}`}
          value={row.note}
          maxLength={200}
          disabled={!may || row.unit_minor === null}
          onChange={(event) => set(row, { note: event.target.value })}
        />
      ),
    },
  ];
  return (
    <>
      <Table<Price>
        aria-label={say("price_list")}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={columns}
        dataSource={rows}
        rowKey={named}
      />
      {may && (
        <AddPrice
          kinds={[...new Set(saved.map((one) => one.kind))]}
          known={listed.map(named)}
          add={(kind, variant) =>
            setAdded((all) => [
              ...all,
              {
                kind,
                variant,
                unit_minor: null,
                currency,
                note: "",
                valid_from: null,
                holds: false,
              },
            ])
          }
        />
      )}
      {others.length > 0 && (
        <>
          <h3>{say("price_others")}</h3>
          <Table<Price>
            aria-label={say("price_others")}
            size="small"
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              ...of,
              {
                key: "was",
                title: say("unit_price", { currency }),
                className: "money",
                align: "right",
                render: (_, row) => money(row.unit_minor ?? 0, language, row.currency),
              },
              { key: "note", title: say("note"), dataIndex: "note" },
            ]}
            dataSource={others}
            rowKey={(one) => `${named(one)} ${one.valid_from}`}
          />
        </>
      )}
      <Unsaved
        many={changed.length}
        review={() => setReviewing(true)}
        discard={() => {
          setDraft({});
          setAdded([]);
        }}
      />
      <Review
        open={reviewing}
        lines={[
          ...changed.map((row) => (
            <>
              <span className="quiet">{label(row)}</span>
              <br />
              <strong>
                {asMoney(before(row)?.unit_minor)} → {asMoney(row.unit_minor)} {row.note}
              </strong>
            </>
          )),
          <Flex key="from" align="center" gap={8}>
            <span>{say("price_from")}</span>
            <DatePicker
              aria-label={say("price_from")}
              value={from === null ? null : dayjs(from)}
              placeholder={say("price_today")}
              onChange={(day) => setFrom(day === null ? null : day.format("YYYY-MM-DD"))}
            />
          </Flex>,
        ]}
        effect={say("price_effect")}
        error={act.error}
        busy={act.isPending}
        save={() =>
          act.mutate({
            body: {
              by: "",
              prices: changed.map(({ kind, variant, unit_minor, note }) => ({
                kind,
                variant,
                unit_minor: unit_minor ?? 0,
                note,
                valid_from: from,
              })),
            },
          })
        }
        close={() => setReviewing(false)}
      />
    </>
  );
}

/** A price of its own for a vendor, a role, a gift or a tool. */
function AddPrice(props: {
  kinds: string[];
  known: string[];
  add: (kind: string, variant: string) => void;
}) {
  const { kinds, known, add } = props;
  const say = useSettings();
  const code = useCode();
  const [kind, setKind] = useState<string>();
  const [variant, setVariant] = useState("");
  const wanted = { kind: kind ?? "", variant: variant.trim() };
  const ready = kind !== undefined && wanted.variant !== "" && !known.includes(named(wanted));
  return (
    <Flex gap={8} wrap style={{ marginTop: 12 }}>
      <Select
        aria-label={say("what")}
        placeholder={say("what")}
        style={{ minWidth: 200 }}
        value={kind}
        onChange={setKind}
        options={kinds.map((one) => ({ value: one, label: code("price", one) }))}
      />
      <Input
        aria-label={say("price_of")}
        placeholder={say("price_of_help")}
        style={{ width: 260 }}
        value={variant}
        maxLength={100}
        onChange={(event) => setVariant(event.target.value)}
      />
      <Button
        disabled={!ready}
        onClick={() => {
          add(wanted.kind, wanted.variant);
          setVariant("");
        }}
      >
        {say("price_add")}
      </Button>
    </Flex>
  );
}

import { Input, InputNumber, Table, type TableProps } from "antd";
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

function Prices({ saved }: { saved: Price[] }) {
  const say = useSettings();
  const code = useCode();
  const done = useDone();
  const [language] = useLanguage();
  const may = useMay()("settings.write");
  const currency = useSession().data?.brand.currency ?? "CNY";
  const places = digits(currency);
  const [draft, setDraft] = useState<Record<string, Partial<Price>>>({});
  const [reviewing, setReviewing] = useState(false);
  const rows = saved.map((one) => ({ ...one, ...draft[one.kind] }));
  const changed = rows.filter((row, place) => {
    const old = saved[place];
    return old && (old.unit_minor !== row.unit_minor || old.note !== row.note);
  });
  const before = (kind: string) => saved.find((one) => one.kind === kind);
  const back = useAct("put", "/api/v1/settings/prices", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/settings/prices", {
    onSuccess: () => {
      const old = changed.flatMap(({ kind }) => {
        const { unit_minor, note } = before(kind) ?? {};
        return typeof unit_minor === "number" ? [{ kind, unit_minor, note: note ?? "" }] : [];
      });
      setDraft({});
      setReviewing(false);
      done(
        say("saved_prices", { count: changed.length }),
        old.length === changed.length
          ? () => back.mutate({ body: { by: "", prices: old } })
          : undefined,
      );
    },
  });
  const set = (kind: string, some: Partial<Price>) =>
    setDraft((all) => ({ ...all, [kind]: { ...all[kind], ...some } }));
  const asMoney = (minor: number | null | undefined) =>
    minor === null || minor === undefined ? say("unset") : money(minor, language, currency);
  const columns: TableProps<Price>["columns"] = [
    { key: "kind", title: say("what"), render: (_, row) => code("price", row.kind) },
    {
      key: "unit",
      title: say("unit_price", { currency }),
      className: "money",
      align: "right",
      render: (_, row) => (
        <InputNumber
          aria-label={`${say("unit_price", { currency })} ${code("price", row.kind)}`}
          min={0}
          precision={places}
          step={10 ** -places}
          value={row.unit_minor === null ? null : row.unit_minor / 10 ** places}
          disabled={!may}
          onChange={(value) =>
            value !== null && set(row.kind, { unit_minor: Math.round(value * 10 ** places) })
          }
        />
      ),
    },
    {
      key: "note",
      title: say("note"),
      render: (_, row) => (
        <Input
          aria-label={`${say("note")} ${code("price", row.kind)}`}
          value={row.note}
          maxLength={200}
          disabled={!may || row.unit_minor === null}
          onChange={(event) => set(row.kind, { note: event.target.value })}
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
        rowKey="kind"
      />
      <Unsaved
        many={changed.length}
        review={() => setReviewing(true)}
        discard={() => setDraft({})}
      />
      <Review
        open={reviewing}
        lines={changed.map((row) => (
          <>
            <span className="quiet">{code("price", row.kind)}</span>
            <br />
            <strong>
              {asMoney(before(row.kind)?.unit_minor)} → {asMoney(row.unit_minor)} {row.note}
            </strong>
          </>
        ))}
        effect={say("price_effect")}
        error={act.error}
        busy={act.isPending}
        save={() =>
          act.mutate({
            body: {
              by: "",
              prices: changed.map(({ kind, unit_minor, note }) => ({
                kind,
                unit_minor: unit_minor ?? 0,
                note,
              })),
            },
          })
        }
        close={() => setReviewing(false)}
      />
    </>
  );
}

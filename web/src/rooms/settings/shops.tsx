import { Button, Drawer, Flex, Input, Segmented, Table, type TableProps, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Review } from "./draft";
import { changeOf, type Policy, type Rules } from "./rules.diff";
import { useChannel, useLine } from "./said";
import { useSettings } from "./words";
import "./settings.css";

type Shop = components["schemas"]["ShopRow"];

const CHANNELS = [
  "*",
  "sms",
  "voice",
  "voice_ai",
  "voice_human",
  "wecom",
  "wecom_request",
  "wecom_message",
  "wecom_mass",
  "parcel_insert",
];

/** The shops, what the orders of each allow, and when each was last heard of. */
export function Component() {
  const say = useSettings();
  const query = api.useQuery("get", "/api/v1/settings/shops", {});
  const [open, setOpen] = useState("");
  const columns = useColumns(setOpen);
  return (
    <Page title={say("shops")} under={say("shops_under")}>
      <Shown query={query}>
        {({ shops }) => {
          const shop = shops.find((one) => one.code === open);
          return (
            <>
              <Table<Shop>
                aria-label={say("shops")}
                size="small"
                pagination={false}
                scroll={{ x: "max-content" }}
                columns={columns}
                dataSource={shops}
                rowKey="code"
                locale={{ emptyText: <Nothing what={say("no_shops")} /> }}
              />
              {shop && <Policies key={shop.code} shop={shop} close={() => setOpen("")} />}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

function useColumns(open: (shop: string) => void): TableProps<Shop>["columns"] {
  const say = useSettings();
  const channel = useChannel();
  const may = useMay()("budget.write");
  return [
    {
      key: "shop",
      title: say("shop"),
      render: (_, row) => (
        <>
          {row.name || row.code}
          <div className="quiet small" data-raw>
            {row.code}
          </div>
        </>
      ),
    },
    {
      key: "platform",
      title: say("platform"),
      render: (_, row) =>
        row.listed ? <span data-raw>{row.platform}</span> : <Tag>{say("not_listed")}</Tag>,
    },
    {
      key: "inserts",
      title: say("inserts"),
      render: (_, row) =>
        row.inserts ? say("inserts_yes") : <span className="tone-out">{say("inserts_no")}</span>,
    },
    {
      key: "policies",
      title: say("policies"),
      render: (_, row) =>
        row.policies.length === 0 ? (
          <span className="quiet">{say("all_allowed")}</span>
        ) : (
          row.policies.map((one) => (
            <Tag key={one.channel} title={one.note}>
              {channel(one.channel)} {say(one.allowed ? "allowed" : "forbidden")}
            </Tag>
          ))
        ),
    },
    {
      key: "last",
      title: say("last_order"),
      render: (_, row) => (
        <Link to={`/customers/orders?shop=${encodeURIComponent(row.code)}`}>
          <When at={row.last_order_at} />
        </Link>
      ),
    },
    {
      key: "edit",
      title: "",
      render: (_, row) =>
        may && (
          <Button size="small" onClick={() => open(row.code)}>
            {say("change_policies")}
          </Button>
        ),
    },
  ];
}

const EMPTY: Rules = {
  caps: [],
  hours: [],
  quotas: [],
  pace: { window_hours: 0, presses: null, cooldown_days: 0 },
  shops: [],
};

function Policies({ shop, close }: { shop: Shop; close: () => void }) {
  const say = useSettings();
  const line = useLine();
  const done = useDone();
  const channel = useChannel();
  const saved: Policy[] = shop.policies.map((one) => ({ ...one, shop: shop.code }));
  const [rows, setRows] = useState(saved);
  const [reviewing, setReviewing] = useState(false);
  const { body, lines } = changeOf({ ...EMPTY, shops: saved }, { ...EMPTY, shops: rows });
  const back = useAct("put", "/api/v1/budget/rules", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/budget/rules", {
    onSuccess: () => {
      const undo = changeOf({ ...EMPTY, shops: rows }, { ...EMPTY, shops: saved }).body;
      close();
      done(say("saved_policies", { shop: shop.name || shop.code }), () =>
        back.mutate({ body: undo }),
      );
    },
  });
  const set = (name: string, some: Partial<Policy> | null) =>
    setRows((before) => {
      const rest = before.filter((one) => one.channel !== name);
      const old = before.find((one) => one.channel === name);
      if (some === null) return rest;
      return [
        ...rest,
        { shop: shop.code, channel: name, allowed: true, note: "", ...old, ...some },
      ];
    });
  return (
    <Drawer
      open
      onClose={close}
      size={560}
      title={say("policies_of", { shop: shop.name || shop.code })}
      extra={
        <Button type="primary" disabled={lines.length === 0} onClick={() => setReviewing(true)}>
          {say("review")}
        </Button>
      }
    >
      <p className="quiet">{say("policies_help")}</p>
      {CHANNELS.map((name) => {
        const row = rows.find((one) => one.channel === name);
        return (
          <Flex key={name} gap={8} align="center" className="policy">
            <span className="policy-name">{channel(name)}</span>
            <Segmented
              size="small"
              aria-label={channel(name)}
              value={row === undefined ? "unsaid" : row.allowed ? "yes" : "no"}
              options={[
                { value: "unsaid", label: say("unsaid") },
                { value: "yes", label: say("allowed") },
                { value: "no", label: say("forbidden") },
              ]}
              onChange={(chosen) =>
                set(name, chosen === "unsaid" ? null : { allowed: chosen === "yes" })
              }
            />
            {row && (
              <Input
                size="small"
                aria-label={say("note")}
                placeholder={say("note")}
                value={row.note}
                maxLength={200}
                onChange={(event) => set(name, { note: event.target.value })}
              />
            )}
          </Flex>
        );
      })}
      <Review
        open={reviewing}
        lines={lines.map(line)}
        effect={say("rules_effect")}
        error={act.error}
        busy={act.isPending}
        save={() => act.mutate({ body })}
        close={() => setReviewing(false)}
      />
    </Drawer>
  );
}

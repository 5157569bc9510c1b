import { Table, type TableProps, Tag } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { Exact, When } from "@/ui/value";
import { useChannel } from "./said";
import { useSettings } from "./words";
import "./settings.css";

type Carried = components["schemas"]["Carried"];
type Key = components["schemas"]["SecretKey"];

/** Who carries what, how each channel stands, and which secrets there are; never what they are. */
export function Component() {
  const say = useSettings();
  const connections = api.useQuery("get", "/api/v1/settings/connections", {});
  const keys = api.useQuery("get", "/api/v1/settings/keys", {});
  return (
    <Page title={say("connections")} under={say("connections_under")}>
      <div className="sections">
        <section className="panel">
          <h2>{say("channels")}</h2>
          <Shown query={connections}>{(found) => <Channels of={found} />}</Shown>
        </section>
        <section className="panel">
          <h2>{say("keys")}</h2>
          <p className="quiet">{say("keys_help")}</p>
          <Shown query={keys}>{(found) => <Keys of={found.keys} />}</Shown>
          <dl className="turn">
            <dt>{say("turn_api")}</dt>
            <dd>{say("turn_api_how")}</dd>
            <dt>{say("turn_ingest")}</dt>
            <dd>{say("turn_ingest_how")}</dd>
            <dt>{say("turn_master")}</dt>
            <dd>{say("turn_master_how")}</dd>
          </dl>
        </section>
      </div>
    </Page>
  );
}

function Channels({ of }: { of: components["schemas"]["Connections"] }) {
  const say = useSettings();
  const channel = useChannel();
  const columns: TableProps<Carried>["columns"] = [
    { key: "channel", title: say("channel"), render: (_, row) => channel(row.channel) },
    {
      key: "carrier",
      title: say("carrier"),
      render: (_, row) =>
        row.carrier === "people" ? say("people") : <code>{row.carrier || "—"}</code>,
    },
    { key: "stands", title: say("stands"), render: (_, row) => <Stands of={row} /> },
    {
      key: "sent",
      title: say("last_sent"),
      render: (_, row) =>
        row.sent_at ? <When at={row.sent_at} /> : <span className="quiet">{say("not_today")}</span>,
    },
    {
      key: "error",
      title: say("last_error"),
      render: (_, row) => (row.error ? <code>{row.error}</code> : "—"),
    },
  ];
  return (
    <>
      <p>
        {of.connectors.map((one) => (
          <Tag key={one.name} variant="filled" className={one.connected ? "tone-ours" : "tone-out"}>
            <span data-raw>{one.name}</span> {say(one.connected ? "connected" : "not_connected")}
          </Tag>
        ))}
      </p>
      <Table<Carried>
        aria-label={say("channels")}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={columns}
        dataSource={of.channels}
        rowKey="channel"
      />
    </>
  );
}

function Stands({ of }: { of: Carried }) {
  const say = useSettings();
  if (!of.carrier) return <span className="tone-out">{say("nobody_carries")}</span>;
  if (of.stopped_since)
    return (
      <span className="tone-harm">
        {say("paused_by", { by: of.stopped_by ?? "" })} <When at={of.stopped_since} />
      </span>
    );
  if (of.failures > 0)
    return (
      <span className="tone-harm">
        {say("in_trouble", { count: of.failures })} <When at={of.trouble_since} />
      </span>
    );
  return <span className="tone-ours">{say("well")}</span>;
}

function Keys({ of }: { of: Key[] }) {
  const say = useSettings();
  const code = useCode();
  const columns: TableProps<Key>["columns"] = [
    {
      key: "name",
      title: say("secret"),
      render: (_, row) => (
        <>
          {code("secret", row.name)} <code className="quiet">{row.name}</code>
        </>
      ),
    },
    { key: "for", title: say("what_for"), render: (_, row) => say(PURPOSE[row.name] ?? "unset") },
    {
      key: "origin",
      title: say("origin"),
      render: (_, row) =>
        row.name === "database_url" && row.origin === "unset"
          ? say("embedded")
          : code("secret_origin", row.origin),
    },
    { key: "since", title: say("written"), render: (_, row) => <Exact at={row.since} /> },
  ];
  return (
    <Table<Key>
      aria-label={say("keys")}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns}
      dataSource={of}
      rowKey="name"
    />
  );
}

const PURPOSE: Record<
  string,
  "for_master" | "for_lookup" | "for_api" | "for_ingest" | "for_webhook" | "for_database"
> = {
  master_key: "for_master",
  lookup_key: "for_lookup",
  api_key: "for_api",
  ingest_secret: "for_ingest",
  "webhook.secret": "for_webhook",
  database_url: "for_database",
};

import { Alert, Flex, Table, type TableProps, Tag } from "antd";
import { Fragment } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Exact, When } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { useConnections } from "./connections.words";
import { useChannel } from "./said";
import "./settings.css";

type Carried = components["schemas"]["Carried"];
type Connection = components["schemas"]["Connection"];
type Key = components["schemas"]["SecretKey"];

export const pathOf = (connector: string): string => `/settings/connections/${connector}`;

/** Who carries what, how each channel stands, and which secrets there are; never what they are. */
export function Component() {
  const say = useConnections();
  const connectors = api.useQuery("get", "/api/v1/connections", {});
  const channels = api.useQuery("get", "/api/v1/settings/connections", {});
  const keys = api.useQuery("get", "/api/v1/settings/keys", {});
  return (
    <Page title={say("connections")} under={say("under")}>
      <div className="sections">
        <section className="panel">
          <h2>{say("connectors")}</h2>
          <p className="quiet">{say("connectors_help")}</p>
          <Shown query={connectors} rows={3}>
            {(found) => (
              <>
                <Broken problem={found.connections[0]?.problem} />
                <Connectors of={found.connections} />
              </>
            )}
          </Shown>
        </section>
        <section className="panel">
          <h2>{say("channels")}</h2>
          <Shown query={channels}>{(found) => <Channels of={found.channels} />}</Shown>
        </section>
        <section className="panel">
          <h2>{say("keys")}</h2>
          <p className="quiet">{say("keys_help")}</p>
          <Shown query={keys}>
            {(found) => <Keys of={found.keys} connectors={connectors.data?.connections ?? []} />}
          </Shown>
          <Turning />
        </section>
      </div>
    </Page>
  );
}

function Connectors({ of }: { of: Connection[] }) {
  const say = useConnections();
  const channel = useChannel();
  const [language] = useLanguage();
  if (of.length === 0) return <Nothing what={say("no_connectors")} />;
  return (
    <ul className="connectors">
      {of.map((one) => (
        <li key={one.name}>
          <Flex gap={8} wrap align="baseline">
            <Link to={pathOf(one.name)}>{one.title[language]}</Link>
            <code className="quiet">{one.name}</code>
          </Flex>
          <Flex gap={8} wrap>
            <Connected of={one} />
          </Flex>
          <div className="quiet">
            {one.channels.length > 0
              ? say("carries", { channels: one.channels.map(channel).join(" · ") })
              : say("carries_none")}
          </div>
          {one.connected &&
            one.pulls
              .filter((pull) => pull.failures > 0)
              .map((pull) => <Failing key={pull.name} of={pull} />)}
        </li>
      ))}
    </ul>
  );
}

/** What is asked for in vain: the error, and when it is tried again. */
function Failing({ of }: { of: Connection["pulls"][number] }) {
  const say = useConnections();
  const [language] = useLanguage();
  return (
    <div className="connector-pull">
      <span className="tone-harm">
        {say("pull_fails", { pull: of.title[language], count: of.failures })}
      </span>
      {of.due_at && (
        <span className="quiet">
          {" "}
          · {say("tried_again")} <When at={of.due_at} />
        </span>
      )}
      <div>
        <code>{of.error}</code>
      </div>
    </div>
  );
}

/** Why what stands in siyu.toml is not used, if it can't be. */
export function Broken({ problem }: { problem: string | undefined }) {
  const say = useConnections();
  if (!problem) return null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={say("broken")}
      description={<code>{problem}</code>}
    />
  );
}

/** Whether a connector works. */
export function Connected({ of }: { of: Connection }) {
  const say = useConnections();
  return (
    <Tag
      variant="filled"
      color={of.connected ? "cyan" : "default"}
      className={of.connected ? "tone-ours" : "tone-out"}
    >
      {say(of.connected ? "connected" : "not_connected")}
    </Tag>
  );
}

function Channels({ of }: { of: Carried[] }) {
  const say = useConnections();
  const channel = useChannel();
  const columns: TableProps<Carried>["columns"] = [
    { key: "channel", title: say("channel"), render: (_, row) => channel(row.channel) },
    { key: "carrier", title: say("carrier"), render: (_, row) => <Carrier of={row.carrier} /> },
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
    <Wide label={say("channels")}>
      <Table<Carried>
        aria-label={say("channels")}
        size="small"
        pagination={false}
        columns={columns}
        dataSource={of}
        rowKey="channel"
      />
    </Wide>
  );
}

function Carrier({ of }: { of: string }) {
  const say = useConnections();
  if (of === "people") return say("people");
  if (!of) return "—";
  return (
    <Link to={pathOf(of)}>
      <code>{of}</code>
    </Link>
  );
}

function Stands({ of }: { of: Carried }) {
  const say = useConnections();
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

function Keys({ of, connectors }: { of: Key[]; connectors: Connection[] }) {
  const say = useConnections();
  const code = useCode();
  const [language] = useLanguage();
  const theirs = (name: string) => {
    const [table, field] = name.split(".");
    const connector = connectors.find((one) => one.name === table);
    return { connector, setting: connector?.fields.find((one) => one.name === field) };
  };
  const purpose = (name: string) => {
    const ours = PURPOSE[name];
    return ours ? say(ours) : (theirs(name).setting?.about[language] ?? "—");
  };
  const columns: TableProps<Key>["columns"] = [
    {
      key: "name",
      title: say("secret"),
      render: (_, row) => {
        const { connector } = theirs(row.name);
        return (
          <Flex gap={8} align="baseline">
            {connector ? (
              <Link to={pathOf(connector.name)}>{connector.title[language]}</Link>
            ) : (
              !row.name.includes(".") && code("secret", row.name)
            )}
            <code className="quiet">{row.name}</code>
          </Flex>
        );
      },
    },
    { key: "for", title: say("what_for"), render: (_, row) => purpose(row.name) },
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
    <Wide label={say("keys")}>
      <Table<Key>
        aria-label={say("keys")}
        size="small"
        pagination={false}
        columns={columns}
        dataSource={of}
        rowKey="name"
      />
    </Wide>
  );
}

function Turning() {
  const say = useConnections();
  return (
    <dl className="turn">
      {(["turn_api", "turn_ingest", "turn_connector", "turn_master"] as const).map((one) => (
        <Fragment key={one}>
          <dt>{say(one)}</dt>
          <dd>{say(`${one}_how`)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** What our own secrets are for; those of connectors are described in their forms. */
const PURPOSE: Record<
  string,
  "for_master" | "for_lookup" | "for_api" | "for_ingest" | "for_database"
> = {
  master_key: "for_master",
  lookup_key: "for_lookup",
  api_key: "for_api",
  ingest_secret: "for_ingest",
  database_url: "for_database",
};

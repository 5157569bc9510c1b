import { Table, type TableProps, Typography } from "antd";
import type { components } from "@/api/schema";
import { Problem } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { useConnections } from "./connections.words";

type Connection = components["schemas"]["Connection"];
type Finding = components["schemas"]["Finding"];
type Pull = components["schemas"]["PullState"];

const MARKS = { ok: "✓", missing: "✗", wrong: "✗", unverified: "?" } as const;
const TONES = {
  ok: "tone-ours",
  missing: "tone-harm",
  wrong: "tone-harm",
  unverified: "tone-waits",
} as const;

/** What the test of the saved settings found, line by line; `stale`: others are typed and not saved. */
export function Findings(props: {
  asking: boolean;
  stale: boolean;
  error: unknown;
  found: Finding[] | undefined;
}) {
  const { asking, stale, error, found } = props;
  const say = useConnections();
  return (
    <div aria-live="polite">
      {(asking || stale || !!error || !!found) && (
        <section className="panel" aria-label={say("test_result")}>
          <h2>{say("test_result")}</h2>
          {stale && <p className="tone-waits">{say("save_first")}</p>}
          {asking && <p data-busy>{say("testing")}</p>}
          {!asking && <Problem error={error} />}
          {!asking && found && <Lines of={found} />}
        </section>
      )}
    </div>
  );
}

function Lines({ of }: { of: Finding[] }) {
  const say = useConnections();
  const [language] = useLanguage();
  if (of.length === 0) return <p>{say("test_nothing")}</p>;
  return (
    <ul className="findings">
      {of.map((one) => (
        <li key={one.what.en}>
          <strong className={TONES[one.state]} aria-hidden>
            {MARKS[one.state]}
          </strong>
          <div>
            <span className={TONES[one.state]}>
              {one.what[language]} · {say(`found_${one.state}`)}
            </span>
            <div>{one.why[language]}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

const HERE_ONLY = /^(localhost|127\.|\[?::1)/;

/** The address that the vendor calls, as this page sees it. */
export function Hook({ path }: { path: string }) {
  const say = useConnections();
  const { origin, hostname } = window.location;
  return (
    <section className="panel">
      <h2>{say("hook")}</h2>
      <p className="quiet">{say("hook_help")}</p>
      <Typography.Text code copyable className="command">
        {`${origin}${path}`}
      </Typography.Text>
      {HERE_ONLY.test(hostname) && <div className="tone-waits">{say("hook_here")}</div>}
    </section>
  );
}

/** What is asked for again and again, and how that fares. */
export function Pulls({ of }: { of: Connection }) {
  const say = useConnections();
  const [language] = useLanguage();
  const columns: TableProps<Pull>["columns"] = [
    { key: "pull", title: say("pull"), render: (_, row) => row.title[language] },
    { key: "stands", title: say("stands"), render: (_, row) => <Stands of={row} /> },
    { key: "last", title: say("last"), render: (_, row) => <When at={row.ran_at} /> },
    {
      key: "next",
      title: say("next"),
      render: (_, row) => <When at={of.connected ? row.due_at : null} />,
    },
    {
      key: "failures",
      title: say("failures"),
      className: "money",
      align: "right",
      render: (_, row) => <Count of={row.failures} />,
    },
    {
      key: "error",
      title: say("error"),
      render: (_, row) => (row.error ? <code className="error">{row.error}</code> : "—"),
    },
  ];
  return (
    <section className="panel">
      <h2>{say("pulls")}</h2>
      {!of.connected && <p className="quiet">{say("pulls_off")}</p>}
      <Wide label={say("pulls")}>
        <Table<Pull>
          aria-label={say("pulls")}
          size="small"
          pagination={false}
          columns={columns}
          dataSource={of.pulls}
          rowKey="name"
        />
      </Wide>
    </section>
  );
}

function Stands({ of }: { of: Pull }) {
  const say = useConnections();
  if (of.running) return <span className="tone-ours">{say("running")}</span>;
  if (of.failures > 0) return <span className="tone-harm">{say("fails")}</span>;
  if (of.ran_at) return <span className="tone-ours">{say("well")}</span>;
  return <span className="quiet">{say("never")}</span>;
}

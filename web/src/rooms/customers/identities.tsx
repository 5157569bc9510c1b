import { Alert, App, Button, Checkbox, Drawer, Flex } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Ask, Why } from "./ask";
import { Moves } from "./merge";
import { Section } from "./parts";
import type { History, Overview } from "./types";
import { useCustomers } from "./words";

const POINTERS = ["order", "state"];

/** Every key, how it was joined, and the way back. */
export function Identities({ of, done }: { of: Overview; done: () => void }) {
  const say = useCustomers();
  const query = api.useQuery("get", "/api/v1/customers/{customer}/history", {
    params: { path: { customer: of.customer } },
  });
  return (
    <Drawer open size={560} title={say("identities")} onClose={done}>
      <Shown query={query}>{(history) => <Keys of={of} history={history} />}</Shown>
    </Drawer>
  );
}

function Keys({ of, history }: { of: Overview; history: History }) {
  const say = useCustomers();
  const code = useCode();
  const may = useMay()("customers.merge");
  const [off, take] = useState<string[]>([]);
  const [asking, ask] = useState(false);
  const strong = of.keys.filter((one) => !POINTERS.includes(one.kind));
  const splits = may && strong.length > 1;
  const turn = (key: string, on: boolean) =>
    take(on ? [...off, key] : off.filter((one) => one !== key));
  return (
    <>
      {splits && <p className="quiet">{say("split_hint")}</p>}
      {of.keys.map((one) => {
        const pointer = POINTERS.includes(one.kind);
        return (
          <div key={one.key} className="key">
            {splits && !pointer ? (
              <Checkbox
                aria-label={`${code("key", one.kind)} ${one.masked}`}
                checked={off.includes(one.key)}
                onChange={(event) => turn(one.key, event.target.checked)}
              />
            ) : (
              <span />
            )}
            <div>
              <Flex justify="space-between" gap={8}>
                <span>
                  <strong>{code("key", one.kind)}</strong>{" "}
                  <span className="number" data-raw>
                    {one.masked}
                  </span>{" "}
                  {one.wrong && <span className="tone-harm">{say("wrong")}</span>}
                </span>
                <When at={one.since} />
              </Flex>
              <div className="quiet small" data-raw style={{ overflowWrap: "anywhere" }}>
                {one.how}
              </div>
              <div className="quiet small">
                {pointer && say("pointer")}
                {one.was && say("was", { customer: one.was })}
              </div>
            </div>
          </div>
        );
      })}
      {splits && (
        <Button
          style={{ marginTop: 12 }}
          danger
          disabled={off.length === 0 || off.length === strong.length}
          onClick={() => ask(true)}
        >
          {say("split")}
        </Button>
      )}
      <Section title={say("changes")}>
        {history.changes.length === 0 && <span className="quiet">{say("no_changes")}</span>}
        {history.changes.map((one) => (
          <Flex key={one.at + one.customer + one.to} vertical style={{ padding: "4px 0" }}>
            <Flex justify="space-between" gap={8}>
              <span>
                {say(one.what === "merged" ? "l_merged" : "l_split")}{" "}
                {one.undone && <span className="quiet">{say("undone")}</span>}
              </span>
              <When at={one.at} />
            </Flex>
            <span className="quiet small" data-raw>
              {one.customer} → <Link to={`/customers/${one.to}`}>{one.to}</Link>
            </span>
            <span className="quiet small" data-raw>
              {[one.by, one.why].filter(Boolean).join(" · ")}
            </span>
          </Flex>
        ))}
      </Section>
      {history.conflicts.length > 0 && (
        <Section title={say("conflicts")}>
          {history.conflicts.map((one) => (
            <Alert
              key={one.event}
              type="warning"
              title={<span data-raw>{one.event}</span>}
              description={<span data-raw>{one.others.join(" ")}</span>}
            />
          ))}
        </Section>
      )}
      {asking && <Split of={of} off={off} done={() => ask(false)} undo={() => take([])} />}
    </>
  );
}

function Split(props: { of: Overview; off: string[]; done: () => void; undo: () => void }) {
  const { of, off, done, undo } = props;
  const { message } = App.useApp();
  const say = useCustomers();
  const path = { customer: of.customer };
  const act = useAct("post", "/api/v1/customers/{customer}/split", {
    onSuccess: () => {
      message.success(say("split_ok"));
      undo();
      done();
    },
  });
  const preview = api.useQuery(
    "get",
    "/api/v1/customers/{customer}/split",
    { params: { path, query: { keys: off } } },
    { enabled: !act.isPending && !act.isSuccess }, // it is not asked again of what moved
  );
  return (
    <Ask<{ why: string }>
      title={say("split")}
      act={say("split_do")}
      danger
      error={act.error ?? preview.error}
      busy={act.isPending}
      able={Boolean(preview.data)}
      send={({ why }) => act.mutate({ params: { path }, body: { keys: off, why } })}
      done={done}
    >
      {preview.data && <Moves moves={preview.data.moves} />}
      <Why />
    </Ask>
  );
}

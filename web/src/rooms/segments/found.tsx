import { CheckOutlined, CloseOutlined } from "@ant-design/icons";
import { Alert, Button, Drawer, Flex, Spin } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, Failure } from "@/api/client";
import type { SchemaCountedOutput as Counted } from "@/api/schema";
import { count, rate } from "@/ui/format";
import { Failed, Nothing, Shown } from "@/ui/states";
import { Count } from "@/ui/value";
import { clauseText, type Tongue } from "./say";
import { at, type Doc, deniedOf, groupOf } from "./tree";
import type { Say } from "./words";

export const PAUSE = 500; // ms without a change before anybody is counted

/** How many are in the set, and for how many each part holds. `body` "": it is not whole yet. */
export function useCounted(body: string) {
  return api.useQuery(
    "post",
    "/api/v1/segments/count",
    { body: { text: body, code: "" } },
    {
      enabled: body !== "",
      staleTime: 30_000,
      placeholderData: (before: Counted | undefined) => before,
    },
  );
}

export function HowMany(props: {
  tongue: Tongue;
  whole: boolean;
  query: ReturnType<typeof useCounted>;
}) {
  const { tongue, whole, query } = props;
  const { say } = tongue;
  const { data } = query;
  return (
    <section className="panel" aria-label={say("count")}>
      <h2>{say("count")}</h2>
      <div aria-live="polite">
        {whole && query.error ? (
          <Uncounted error={query.error} say={say} retry={() => query.refetch()} />
        ) : whole && data ? (
          <>
            <div className="seg-total" data-total={data.customers}>
              <Count of={data.customers} />
              {query.isFetching && <Spin size="small" />}
            </div>
            {query.isFetching && <Counting say={say} />}
            <Share of={data} tongue={tongue} />
          </>
        ) : (
          <span className="quiet">{whole ? <Counting say={say} /> : say("count_after")}</span>
        )}
      </div>
    </section>
  );
}

/** Too slow is no failure of the page: it says what can be done, in a line. */
function Uncounted(props: { error: unknown; say: Say; retry: () => void }) {
  const { error, say, retry } = props;
  if (!tooSlow(error)) return <Failed error={error} retry={retry} />;
  return <Alert type="warning" showIcon title={say("too_slow")} description={error.message} />;
}

export function tooSlow(error: unknown): error is Failure {
  return error instanceof Failure && error.code === "took_too_long";
}

/** A count may take seconds: says so, and for how long it goes on already. */
function Counting({ say }: { say: Say }) {
  const [seconds, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="quiet">
      {seconds < 2 ? say("counting") : say("counting_for", { seconds })}
    </span>
  );
}

function Share({ of, tongue: { say, language } }: { of: Counted; tongue: Tongue }) {
  const share = of.everybody ? of.customers / of.everybody : 0;
  return (
    <>
      <span className="seg-bar seg-bar-wide" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="quiet">
        {say("of_everybody", { all: count(of.everybody, language), share: rate(share, language) })}
      </span>
    </>
  );
}

/** Ten of them, masked; each says why. */
export function Sample(props: { tongue: Tongue; body: string; why: (customer: string) => void }) {
  const { tongue, body, why } = props;
  const { say } = tongue;
  const query = api.useQuery(
    "post",
    "/api/v1/segments/sample",
    { body: { text: body, code: "" } },
    { enabled: body !== "", staleTime: 30_000 },
  );
  return (
    <section className="panel" aria-label={say("sample")}>
      <h2>{say("sample")}</h2>
      {body === "" ? (
        <span className="quiet">{say("count_after")}</span>
      ) : tooSlow(query.error) ? (
        <span className="quiet">{say("too_slow")}</span>
      ) : (
        <Shown query={query} rows={3}>
          {({ customers }) =>
            customers.length === 0 ? (
              <Nothing what={say("sample_none")} />
            ) : (
              <ul className="seg-people">
                {customers.map((one) => {
                  const name = one.name_masked || say("nameless");
                  return (
                    <li key={one.customer}>
                      <Link to={`/customers/${one.customer}`} data-raw>
                        {name}
                      </Link>
                      <span className="number quiet">{one.phone_masked}</span>
                      <Button
                        size="small"
                        aria-label={say("why_of", { who: `${name} ${one.phone_masked}` })}
                        onClick={() => why(one.customer)}
                      >
                        {say("why")}
                      </Button>
                    </li>
                  );
                })}
              </ul>
            )
          }
        </Shown>
      )}
      <p className="quiet small">{say("sample_help")}</p>
    </section>
  );
}

/** Why somebody is in the set or not: each condition, whether it holds, and the fact behind it. */
export function Why(props: { tongue: Tongue; body: string; customer: string; close: () => void }) {
  const { tongue, body, customer, close } = props;
  const { say } = tongue;
  const asked = { body: { text: body, code: "" } };
  const query = api.useQuery("post", "/api/v1/segments/explain/{customer}", {
    params: { path: { customer } },
    ...asked,
  });
  const checked = api.useQuery("post", "/api/v1/segments/check", asked);
  const whole = checked.data?.conditions as Doc | null | undefined;
  return (
    <Drawer open title={say("why_title")} onClose={close} size={520}>
      <Shown query={query}>
        {(found) => (
          <Flex vertical gap={12}>
            <Flex justify="space-between" align="center" gap={8} wrap>
              <strong className={found.member ? "tone-ours" : "tone-waits"}>
                {say(found.member ? "in_it" : "not_in_it")}
              </strong>
              <Link to={`/customers/${found.customer}`}>{say("open_customer")}</Link>
            </Flex>
            <ul className="seg-because">
              {found.parts.map((one) => (
                <li
                  key={one.where}
                  style={{ marginLeft: `${Math.min(one.depth, 6) * 16}px` }}
                  data-holds={one.holds}
                >
                  <span className={one.holds ? "tone-ours" : "tone-waits"}>
                    {one.holds ? (
                      <CheckOutlined aria-label={say("holds")} />
                    ) : (
                      <CloseOutlined aria-label={say("fails")} />
                    )}
                  </span>
                  <span>
                    {whole && <span data-raw>{partText(whole, one.where, tongue)}</span>}
                    {one.fact && (
                      <span className="quiet seg-fact" data-raw>
                        {one.fact}
                      </span>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </Flex>
        )}
      </Shown>
    </Drawer>
  );
}

/** A part of the conditions in words, by its place. */
function partText(whole: Doc, where: string, tongue: Tongue): string {
  const { say } = tongue;
  const steps = [...where.matchAll(/([a-z_]+)|\[(\d+)\]/g)];
  const path = steps.map(([, name, place]) => name ?? Number(place));
  const part = at(whole, path) as Doc | undefined;
  if (!part) return where;
  const group = groupOf(part);
  if (group) return say(group);
  const denied = deniedOf(part);
  if (!denied) return clauseText(part, false, tongue);
  return groupOf(denied) || deniedOf(denied) ? say("none_of") : clauseText(denied, true, tongue);
}

import { Button, Flex } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import { Shown } from "@/ui/states";
import { Code, Count, When } from "@/ui/value";
import { Complaint, Lift, useChannel } from "./care";
import { Amount, Fact, Section } from "./parts";
import type { Hold, Overview } from "./types";
import { useCustomers } from "./words";

/** What is under way, to be done, promised, forbidden; what they are worth so far. */
export function Now({ of }: { of: Overview }) {
  return (
    <>
      <Visits of={of} />
      <Tasks of={of} />
      <Promises of={of} />
      <Complaints of={of} />
      <Holds of={of} />
      <Worth of={of} />
    </>
  );
}

function Visits({ of }: { of: Overview }) {
  const say = useCustomers();
  const code = useCode();
  const names = useNames();
  const may = useMay();
  return (
    <Section title={say("under_way")}>
      {of.visits.length === 0 && <span className="quiet">{say("not_under_way")}</span>}
      {of.visits.map((one) => (
        <Flex vertical key={`${one.journey} ${one.entered_at}`} className="visit">
          <Flex justify="space-between" gap={8}>
            <strong data-raw>
              {may("journeys.read") ? (
                <Link to={`/journeys/${one.journey}`}>{names.journey(one.journey)}</Link>
              ) : (
                names.journey(one.journey)
              )}
            </strong>
            <Code set="visit" code={one.state} tone={one.state === "parked" ? "harm" : "ours"} />
          </Flex>
          <Fact label={say("at_node", { node: one.node })}>
            <When at={one.since} />
          </Fact>
          {one.held_out && <span className="quiet">{say("in_holdout")}</span>}
          <Fact label={say("due")}>{one.due_at ? <When at={one.due_at} /> : say("waits_for")}</Fact>
          {one.waiting_for.length > 0 && (
            <span className="quiet small">
              {say("waits_for")}：{one.waiting_for.map((kind) => code("event", kind)).join(" · ")}
            </span>
          )}
        </Flex>
      ))}
    </Section>
  );
}

function Tasks({ of }: { of: Overview }) {
  const say = useCustomers();
  if (of.tasks.length === 0) return null;
  return (
    <Section title={say("todo")}>
      {of.tasks.map((one) => (
        <Flex key={one.task} justify="space-between" gap={8}>
          <span>
            <Code set="task_kind" code={one.kind} tone="ours" />
            <span data-raw>{one.staff}</span>
          </span>
          <When at={one.due_at} />
        </Flex>
      ))}
    </Section>
  );
}

const KEPT = {
  promised: "ours",
  reserved: "ours",
  fulfilled: "plain",
  claimable: "waits",
} as const;

function Promises({ of }: { of: Overview }) {
  const say = useCustomers();
  const names = useNames();
  const tone = (state: string) => KEPT[state as keyof typeof KEPT] ?? "out";
  return (
    <Section title={say("promises")}>
      {of.promises.length === 0 && <span className="quiet">{say("no_promises")}</span>}
      {of.promises.map((one) => (
        <Flex vertical key={`${one.order} ${one.promised_at}`}>
          <Flex justify="space-between" gap={8}>
            <span>{names.offer(one.offer)}</span>
            <Code set="promise" code={one.state} tone={tone(one.state)} />
          </Flex>
          <span className="quiet small">
            <span data-raw>{one.order}</span> · {say("expires")} <When at={one.expires_at} />
          </span>
        </Flex>
      ))}
    </Section>
  );
}

/** What they complained about, with what was written down; open ones are settled here. */
function Complaints({ of }: { of: Overview }) {
  const say = useCustomers();
  const may = useMay()("customers.care");
  const [settling, settle] = useState(false);
  const query = api.useQuery("get", "/api/v1/customers/{customer}/complaints", {
    params: { path: { customer: of.customer } },
  });
  if (query.data?.complaints.length === 0) return null;
  return (
    <Section title={say("complaints")}>
      <Shown query={query} rows={1}>
        {({ complaints }) => (
          <>
            {complaints.slice(0, SHOWN).map((one) => (
              <Flex key={one.complaint} vertical>
                <span className={one.open ? "tone-harm" : "quiet"} data-raw>
                  {one.why || one.complaint}
                </span>
                <span className="quiet small">
                  <span data-raw>
                    {[one.why && one.complaint, one.shop && `${one.shop}/${one.order_no}`]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>{" "}
                  {say(one.open ? "complained_at" : "settled_at")}{" "}
                  <When at={one.open ? one.opened_at : one.closed_at} />
                </span>
              </Flex>
            ))}
            {may && complaints.some((one) => one.open) && (
              <Button size="small" onClick={() => settle(true)}>
                {say("complaint_settle")}
              </Button>
            )}
          </>
        )}
      </Shown>
      {settling && <Complaint customer={of.customer} settle done={() => settle(false)} />}
    </Section>
  );
}

const SHOWN = 5;
const COMPLAINED = "open_complaint";
const LIFTED = ["by_hand", "do_not_call"];

function Holds({ of }: { of: Overview }) {
  const say = useCustomers();
  const code = useCode();
  const channel = useChannel();
  const may = useMay()("customers.care");
  const [hold, lift] = useState<Hold | null>(null);
  return (
    <Section title={say("holds")}>
      {of.suppressed.length === 0 && <span className="quiet">{say("no_holds")}</span>}
      {of.suppressed.map((one) => (
        <Flex
          key={`${one.channel} ${one.purpose} ${one.reason}`}
          justify="space-between"
          align="center"
          gap={8}
        >
          <span>
            <span className="tone-waits">
              {channel(one.channel)}
              {one.purpose !== "*" && ` · ${code("purpose", one.purpose)}`}
            </span>
            <br />
            <span className="quiet small">
              {code("hold", one.reason)} ·{" "}
              {one.until ? (
                <>
                  {say("until")} <When at={one.until} />
                </>
              ) : (
                say(one.reason === COMPLAINED ? "until_settled" : "for_good")
              )}
            </span>
          </span>
          {may && LIFTED.includes(one.reason) && (
            <Button size="small" onClick={() => lift(one)}>
              {say("lift")}
            </Button>
          )}
        </Flex>
      ))}
      {hold && <Lift customer={of.customer} hold={hold} done={() => lift(null)} />}
    </Section>
  );
}

const COSTS = [
  "sms_segment",
  "call_minute",
  "staff_minute",
  "gift",
  "card",
  "shipping_extra",
] as const;

function Worth({ of }: { of: Overview }) {
  const say = useCustomers();
  const { worth } = of;
  const named = (kind: string) => COSTS.find((one) => one === kind);
  return (
    <Section title={say("worth")}>
      <Fact label={say("orders")}>
        <Count of={worth.orders} />
      </Fact>
      <Fact label={say("net")}>
        <Amount minor={worth.total_minor} currency={worth.currency} />
      </Fact>
      {worth.refunded_minor > 0 && (
        <Fact label={say("refunds")}>
          <Amount minor={worth.refunded_minor} currency={worth.currency} />
        </Fact>
      )}
      <Fact label={say("cost")}>
        <Amount minor={worth.cost_minor} currency={worth.currency} />
      </Fact>
      {worth.costs.map((one) => {
        const name = named(one.kind);
        return (
          <Flex key={one.kind + one.currency} justify="space-between" className="quiet small">
            <span>
              · {name ? say(name) : <span data-raw>{one.kind}</span>}{" "}
              <span className="number">× {one.quantity}</span>
            </span>
            <Amount minor={one.amount_minor} currency={one.currency} />
          </Flex>
        );
      })}
      <Fact label={say("margin")}>
        {worth.margin_minor === null ? (
          <span className="quiet">{say("margin_unknown")}</span>
        ) : (
          <Amount minor={worth.margin_minor} currency={worth.currency} />
        )}
      </Fact>
      {worth.margin_minor !== null && worth.assumed_minor > 0 && (
        <Flex justify="space-between" className="quiet small">
          <span>· {say("margin_assumed")}</span>
          <Amount minor={worth.assumed_minor} currency={worth.currency} />
        </Flex>
      )}
      {worth.margin_minor !== null && worth.unknown_minor > 0 && (
        <Flex justify="space-between" className="quiet small">
          <span>· {say("margin_without")}</span>
          <Amount minor={worth.unknown_minor} currency={worth.currency} />
        </Flex>
      )}
    </Section>
  );
}

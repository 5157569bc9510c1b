import { Flex, Tag } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import { Code, type Tone } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useOrders } from "./words";

export type Order = components["schemas"]["Order"];
export type Parcel = components["schemas"]["ParcelRow"];

const ORDER: Record<string, Tone> = { paid: "plain", cancelled: "out", refunded: "waits" };
const PARCEL: Record<string, Tone> = {
  planned: "waits",
  frozen: "waits",
  packed: "ours",
  shipped: "ours",
};
const PROMISE: Record<string, Tone> = {
  promised: "waits",
  reserved: "waits",
  fulfilled: "ours",
  claimable: "harm",
  revoked: "out",
  lapsed: "out",
};

export const OrderState = ({ of }: { of: string }) => (
  <Code set="order" code={of} tone={ORDER[of]} />
);
export const ParcelState = ({ of }: { of: string }) => (
  <Code set="parcel" code={of} tone={PARCEL[of]} />
);
export const PromiseState = ({ of }: { of: string }) => (
  <Code set="promise" code={of} tone={PROMISE[of]} />
);

/** The buyer, masked, leading to the customer; a guest leads nowhere. */
export function Buyer({ customer, name }: { customer: string; name: string }) {
  const say = useOrders();
  if (!customer) return <span className="quiet">{say("guest")}</span>;
  return <Link to={`/customers/${customer}`}>{name || say("nameless")}</Link>;
}

/** The title of an offer in the language of the page. */
export function Title({ of, code }: { of: Record<string, string>; code: string }) {
  const [language] = useLanguage();
  return <>{of[language] ?? <code>{code}</code>}</>;
}

/** What was decided for a parcel, and why. */
export function Decided({ of }: { of: Parcel }) {
  const say = useCode();
  if (of.content === null) return <span className="quiet">—</span>;
  const item = of.content === "gift" ? of.gift : of.content === "card" ? of.card : "";
  return (
    <Stack under={say("parcel_reason", of.reason)}>
      <Code set="parcel_content" code={of.content} tone={TONES[of.content]} />
      {item && <code>{item}</code>}
    </Stack>
  );
}

const TONES: Record<string, Tone> = { gift: "ours", card: "plain", none: "out" };

/** What was really packed; red where it is another thing than decided. */
export function Packed({ of }: { of: Parcel }) {
  const say = useOrders();
  const code = useCode();
  if (!of.packed_at) return <span className="quiet">{say("not_packed")}</span>;
  const items = [of.packed_gift, of.packed_card].filter(Boolean);
  return (
    <Stack
      under={
        of.mismatch && <span className="tone-harm">{code("parcel_mismatch", of.mismatch)}</span>
      }
    >
      {items.length === 0 && <span className="quiet">{say("empty")}</span>}
      {of.packed_gift && (
        <Code set="parcel_content" code="gift" tone={of.mismatch ? "harm" : "ours"} />
      )}
      {of.packed_card && (
        <Code set="parcel_content" code="card" tone={of.mismatch ? "harm" : "plain"} />
      )}
      {items.map((item) => (
        <code key={item}>{item}</code>
      ))}
    </Stack>
  );
}

/** A promise that a parcel keeps, and to whom. */
export function Kept({ of }: { of: Parcel }) {
  if (!of.promise) return <span className="quiet">—</span>;
  return (
    <Stack under={<PromiseState of={of.promise.state} />}>
      <Title of={of.promise.title} code={of.promise.offer} />
    </Stack>
  );
}

export function Stack({ children, under }: { children: ReactNode; under?: ReactNode }) {
  return (
    <div>
      <Flex gap={4} align="center" wrap>
        {children}
      </Flex>
      {under && <div className="quiet small">{under}</div>}
    </div>
  );
}

export function Shop({ of }: { of: string }) {
  const names = useNames();
  return of ? <Tag variant="filled">{names.shop(of)}</Tag> : <span className="quiet">—</span>;
}

import { Flex, Tooltip } from "antd";
import { useCode } from "@/ui/codes";
import { Money, When } from "@/ui/value";
import type { Card } from "./types";
import { useCustomers } from "./words";

const STAGES = ["A1", "A2", "A3", "A4", "A5"] as const;

/** The relation from A1 to A5 as five dots. */
export function Stage({ stage }: { stage: string }) {
  const code = useCode();
  const reached = STAGES.indexOf(stage as (typeof STAGES)[number]);
  return (
    <Tooltip title={code("stage", stage)}>
      <span className="stage" role="img" aria-label={code("stage", stage)}>
        {STAGES.map((one, place) => (
          <span key={one} className={place <= reached ? "dot reached" : "dot"} />
        ))}
      </span>
    </Tooltip>
  );
}

/** Masked name and the end of the phone: enough to recognise, too little to call. */
export function Name({ of }: { of: { name_masked: string; phone_masked?: string } }) {
  const say = useCustomers();
  return (
    <span className="who-name">
      {of.name_masked || <span className="quiet">{say("nameless")}</span>}
      {of.phone_masked && <span className="number quiet"> {of.phone_masked}</span>}
    </span>
  );
}

/** A customer found, in two lines. */
export function Found({ card, by }: { card: Card; by?: readonly string[] }) {
  const say = useCustomers();
  const code = useCode();
  return (
    <Flex vertical className="found">
      <Flex justify="space-between" gap={12}>
        <Name of={card} />
        <Stage stage={card.stage} />
      </Flex>
      <Flex justify="space-between" gap={12} className="quiet small">
        <span>
          {card.last_order ? <span data-raw>{card.last_order}</span> : code("stage", card.stage)}
          {card.owner_name && ` · ${card.owner_name}`}
        </span>
        {by && by.length > 0 && (
          <span>{say("by", { by: by.map((one) => code("matched_by", one)).join(" · ") })}</span>
        )}
      </Flex>
    </Flex>
  );
}

/** A line of a panel: what, and its value on the right. */
export function Fact(props: { label: string; children: React.ReactNode }) {
  return (
    <Flex justify="space-between" gap={12} className="fact">
      <span className="quiet">{props.label}</span>
      <span className="fact-value">{props.children}</span>
    </Flex>
  );
}

export function Section(props: {
  title: string;
  action?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <section className="part">
      <Flex justify="space-between" align="center" gap={8} className="part-head">
        <h2>{props.title}</h2>
        {props.action}
      </Flex>
      {props.children}
    </section>
  );
}

export function Amount({ minor, currency }: { minor: number; currency: string }) {
  return <Money minor={minor} currency={currency} />;
}

export { When };

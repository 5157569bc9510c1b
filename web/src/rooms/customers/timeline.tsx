import { Button, Flex, Tag } from "antd";
import { Fragment } from "react";
import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { day, exact } from "@/ui/format";
import { byCursor } from "@/ui/keyset";
import { Failed, Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Happening } from "./line";
import { Section } from "./parts";
import type { Kind, Line, Overview } from "./types";
import { useCustomers } from "./words";

const KINDS: readonly Kind[] = [
  "withheld",
  "touch",
  "call",
  "order",
  "refund",
  "payment",
  "parcel",
  "visit",
  "task",
  "friend",
  "group",
  "segment",
  "tag",
  "consent",
  "complaint",
  "merge",
];

/** Everything that happened and what did not, the newest first. */
export function Timeline({ of }: { of: Overview }) {
  const say = useCustomers();
  const code = useCode();
  const [filters, set] = useFilters(["kinds"]);
  const kinds = filters.kinds.split(",").filter((one): one is Kind => KINDS.includes(one as Kind));
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/customers/{customer}/timeline",
    {
      params: {
        path: { customer: of.customer },
        query: { limit: 50, ...(kinds.length > 0 && { kinds }) },
      },
    },
    { ...byCursor, pageParamName: "before" },
  );
  const choose = (kind: Kind, on: boolean) =>
    set({ kinds: (on ? [...kinds, kind] : kinds.filter((one) => one !== kind)).join(",") });
  return (
    <Section title={say("timeline")}>
      <Flex wrap gap={6} className="kinds" role="group" aria-label={say("timeline")}>
        <Tag.CheckableTag checked={kinds.length === 0} onChange={() => set({ kinds: "" })}>
          {say("everything")}
        </Tag.CheckableTag>
        {KINDS.map((kind) => (
          <Tag.CheckableTag
            key={kind}
            checked={kinds.includes(kind)}
            onChange={(on) => choose(kind, on)}
          >
            {code("happened", kind)}
          </Tag.CheckableTag>
        ))}
      </Flex>
      <Shown query={query}>
        {({ pages }) => {
          const lines = pages.flatMap((page) => page.lines);
          if (lines.length === 0) return <Nothing what={say("nothing_yet")} />;
          return <Days lines={lines} of={of} />;
        }}
      </Shown>
      {query.isFetchNextPageError && <Failed error={query.error} />}
      {query.hasNextPage && (
        <Button block onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {say("older")}
        </Button>
      )}
    </Section>
  );
}

function Days({ lines, of }: { lines: Line[]; of: Overview }) {
  return (
    <ol className="timeline">
      {lines.map((line, place) => {
        const opens = place === 0 || day(lines[place - 1]?.at ?? "") !== day(line.at);
        const key = `${line.at} ${line.kind} ${line.what} ${line.id} ${line.note} ${line.staff}`;
        return (
          <Fragment key={key}>
            {opens && (
              <li className="day number">
                {day(line.at)} · <When at={line.at} />
              </li>
            )}
            <li>
              <Happening line={line} of={of} time={exact(line.at).slice(11, 16)} />
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}

import { Button, Drawer, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { Count, Reason, useReason, When } from "@/ui/value";
import type { Asked, Name } from "./report";
import { useStep } from "./steps";
import { useReports } from "./words";

const FIGURES = [
  "buyers",
  "friends_before",
  "not_admitted",
  "holdout",
  "holdout_friends",
  "in_scope",
  "friends",
  "still_open",
  "invited",
  "invited_friends",
  "reached",
  "won",
  "unmatched",
  "withheld",
] as const;
export type Figure = (typeof FIGURES)[number];

/** Which number was pressed; in the URL, so that the back button closes its list. */
export interface Pressed {
  list: Figure;
  of?: string; // the source whose number it is
  step?: string;
  channel?: string;
  purpose?: string;
  reason?: string;
}
const NAMES = ["list", "of", "step", "channel", "purpose", "reason"] as const;

export function usePressed(): [Pressed | null, (pressed: Pressed | null) => void] {
  const [found, set] = useFilters(NAMES);
  const list = FIGURES.find((one) => one === found.list);
  const none = Object.fromEntries(NAMES.map((name) => [name, ""]));
  return [list ? { ...found, list } : null, (pressed) => set({ ...none, ...pressed })];
}

/** A number that opens the list it counts. */
export function Opens({ of, to, label }: { of: number; to: Pressed; label: string }) {
  const [, press] = usePressed();
  if (of === 0) return <Count of={of} />;
  return (
    <Button
      type="link"
      size="small"
      className="report-number"
      aria-label={`${label} ${of}`}
      data-list={[to.list, to.step].filter(Boolean).join(" ")}
      onClick={() => press(to)}
    >
      <Count of={of} />
    </Button>
  );
}

const SOON = 1000; // milliseconds
const works = (page: { state: string }) => page.state === "working";

/** Exactly those whom a number counts. */
export function Behind({ report, asked }: { report: Name; asked: Asked }) {
  const [pressed, press] = usePressed();
  if (!pressed) return null;
  return (
    <List
      key={JSON.stringify(pressed)}
      report={report}
      asked={asked}
      pressed={pressed}
      close={() => press(null)}
    />
  );
}

function List(props: { report: Name; asked: Asked; pressed: Pressed; close: () => void }) {
  const { report, pressed, close } = props;
  const say = useReports();
  const code = useCode();
  const why = useReason();
  const step = useStep();
  const [asked] = useState(props.asked); // the list of the number that was pressed stays as it was
  const { list, of, ...rest } = pressed;
  const source = of ? { source: of } : {};
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/reports/{report}/people",
    {
      params: {
        path: { report },
        query: { ...asked, ...source, ...rest, of: list, limit: 50 },
      },
    },
    {
      ...byCursor,
      refetchInterval: (asking) => (asking.state.data?.pages.some(works) ? SOON : false),
    },
  );
  const touches = list === "withheld";
  const said = [
    rest.reason && why(rest.reason),
    rest.channel && code("channel", rest.channel),
    rest.purpose && code("purpose", rest.purpose),
    rest.step && step(rest.step),
  ];
  const title = [say(`behind_${list}`), ...said.filter(Boolean)].join(" · ");
  return (
    <Drawer open title={title} onClose={close} size={touches ? 760 : 560}>
      <Keyset
        query={query}
        label={title}
        rows={(page) => page.rows}
        rowKey={(row) => row.touch || row.customer}
        empty={
          query.data?.pages.some(works) ? <Skeleton active /> : <Nothing what={say("nobody")} />
        }
        columns={[
          {
            title: say("customer"),
            render: (_, row) => (
              <Link to={`/customers/${row.customer}`}>{row.name_masked || say("unnamed")}</Link>
            ),
          },
          { title: say("phone"), dataIndex: "phone_masked", className: "number" },
          ...(touches
            ? [
                {
                  title: say("reason"),
                  dataIndex: "reason",
                  render: (reason: string): ReactNode => <Reason code={reason} />,
                },
                {
                  title: say("channel"),
                  dataIndex: "channel",
                  render: (channel: string) => code("channel", channel),
                },
                { title: say("step"), dataIndex: "step", render: (one: string) => step(one) },
              ]
            : []),
          {
            title: say(`at_${WHEN[list] ?? "ordered"}`),
            dataIndex: "at",
            render: (at: string) => <When at={at} />,
          },
        ]}
      />
    </Drawer>
  );
}

const WHEN: Partial<Record<Figure, "added" | "reached" | "wished">> = {
  holdout_friends: "added",
  friends: "added",
  invited_friends: "added",
  won: "added",
  unmatched: "added",
  reached: "reached",
  withheld: "wished",
};

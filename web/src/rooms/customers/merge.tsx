import { App } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, useAct } from "@/api/client";
import { Ask, Why } from "./ask";
import { Finder } from "./finder";
import type { Card, Going, Overview } from "./types";
import { useCustomers } from "./words";

/** Two customers are one: who it is, what would move, why. */
export function Merge({ of, done }: { of: Overview; done: () => void }) {
  const say = useCustomers();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [other, pick] = useState<Card | null>(null);
  const path = { customer: of.customer };
  const act = useAct("post", "/api/v1/customers/{customer}/merge", {
    onSuccess: (answer) => {
      message.success(say("merged_ok"));
      done();
      const stays = answer.moves[0]?.to;
      if (stays) navigate(`/customers/${stays}`, { replace: true });
    },
  });
  const preview = api.useQuery(
    "get",
    "/api/v1/customers/{customer}/merge",
    { params: { path, query: { other: other?.customer ?? "" } } },
    { enabled: other !== null && !act.isPending && !act.isSuccess }, // it is not asked again of what moved
  );
  const send = ({ why }: { why: string }) =>
    other && act.mutate({ params: { path }, body: { other: other.customer, why } });
  return (
    <Ask<{ why: string }>
      title={say("merge")}
      act={say("merge_do")}
      error={act.error ?? preview.error}
      busy={act.isPending}
      able={other !== null && Boolean(preview.data)}
      send={send}
      done={done}
    >
      <p>{say("merge_with")}</p>
      <Finder label={say("merge_with")} picked={other} pick={pick} but={of.customer} />
      {other && preview.data && (
        <>
          <p className="quiet">{say("merge_stays")}</p>
          <Moves moves={preview.data.moves} />
        </>
      )}
      {other && <Why />}
    </Ask>
  );
}

const COUNTED = [
  "orders",
  "friendships",
  "consents",
  "tags",
  "promises",
  "visits",
  "touches",
] as const;

/** What a merge or a split would take from whom to whom. */
export function Moves({ moves }: { moves: readonly Going[] }) {
  const say = useCustomers();
  if (moves.length === 0) return <p className="quiet">{say("moves_none")}</p>;
  return (
    <ul className="moves" aria-label={say("moves")}>
      {moves.map((one) => (
        <li key={one.customer + one.to}>
          <div className="small quiet" data-raw>
            {say("moves_from", {
              from: one.customer,
              to: one.to === "new" ? say("new_customer") : one.to,
            })}
          </div>
          <div>
            {[
              say("n_keys", { count: one.keys.length }),
              ...COUNTED.flatMap((what) => {
                const count = one.counts[what] ?? 0;
                return count > 0 ? [say(`n_${what}`, { count })] : [];
              }),
            ].join(" · ")}
          </div>
        </li>
      ))}
    </ul>
  );
}

import { Flex } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { When } from "@/ui/value";
import { usePresses } from "./presses.words";
import { SentByHand } from "./sent-by-hand";

type Said = components["schemas"]["SaidPost"];

/** What is to be said in groups without the carrier's help; nothing where nothing is. */
export function ByHand() {
  const say = usePresses();
  const { data } = api.useQuery(
    "get",
    "/api/v1/groups/posts",
    { params: { query: { state: "by_hand" } } },
    { refetchInterval: 60_000 },
  );
  const rows = data?.posts ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="panel" aria-label={say("by_hand")}>
      <h2 className="tone-waits">
        {say("by_hand")} <span className="number">{rows.length}</span>
      </h2>
      <p className="quiet">{say("by_hand_why")}</p>
      <Flex vertical gap={12}>
        {rows.map((one) => (
          <Card key={one.id} of={one} />
        ))}
      </Flex>
    </section>
  );
}

function Card({ of }: { of: Said }) {
  const say = usePresses();
  return (
    <article className="tasks-press">
      <div className="tasks-press-text">{of.text || say("no_text")}</div>
      <div className="small quiet">
        <strong data-raw>{of.staff_name}</strong>{" "}
        <span data-raw>{of.titles.length ? of.titles.join("、") : say("moments")}</span> ·{" "}
        <When at={of.at} />
        {of.until && (
          <span className="tone-waits">
            {" "}
            · {say("until")} <When at={of.until} />
          </span>
        )}
      </div>
      {of.reason && (
        <div className="small tone-waits" data-raw>
          {of.reason}
        </div>
      )}
      <SentByHand of={of} />
    </article>
  );
}

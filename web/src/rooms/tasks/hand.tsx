import { Button, Flex, Popconfirm, Typography } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Problem } from "@/ui/states";
import { When } from "@/ui/value";
import { usePresses } from "./presses.words";

type Said = components["schemas"]["SaidPost"];

/** What is to be said in groups without the carrier's help; nothing where nothing is. */
export function ByHand() {
  const say = usePresses();
  const { data } = api.useQuery(
    "get",
    "/api/v1/groups/posts",
    { params: { query: { state: "by_hand", back: 3 } } },
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
  const may = useMay()("tasks.work");
  const told = useDone();
  const act = api.useMutation("post", "/api/v1/groups/posts/{post}/done", {
    onSuccess: () => told(say("hand_done")),
  });
  return (
    <article className="tasks-press">
      <div className="tasks-press-text">{of.text || say("no_text")}</div>
      <div className="small quiet">
        <strong data-raw>{of.staff_name}</strong>{" "}
        <span data-raw>{of.titles.length ? of.titles.join("、") : say("moments")}</span> ·{" "}
        <When at={of.at} />
      </div>
      {of.reason && (
        <div className="small tone-waits" data-raw>
          {of.reason}
        </div>
      )}
      <Flex gap={12} align="center" wrap>
        <Typography.Text
          copyable={{ text: of.text, tooltips: [say("copy"), say("copied")] }}
          className="small quiet"
        >
          {say("copy")}
        </Typography.Text>
        {may && (
          <Popconfirm
            title={say("hand_sure")}
            okText={say("hand_sent")}
            cancelText={say("hand_keep")}
            onConfirm={() => act.mutate({ params: { path: { post: of.id } }, body: { by: "" } })}
          >
            <Button size="small" loading={act.isPending}>
              {say("hand_sent")}
            </Button>
          </Popconfirm>
        )}
      </Flex>
      <Problem error={act.error} />
    </article>
  );
}

import { Button, Flex, Input } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaTask } from "@/api/schema";
import { Problem, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useKeys } from "./calling";
import { Copy } from "./parts";
import { useTasks } from "./words";

/** "Already added": which friend it is, and an apology to send. */
export function Match({ task, onDone }: { task: SchemaTask; onDone: () => void }) {
  const say = useTasks();
  const path = { params: { path: { task: task.id } } };
  const asked = api.useQuery("get", "/api/v1/tasks/{task}/about", path, {
    refetchInterval: ({ state }) => (state.data?.claim ? false : 700),
  });
  const claim = asked.data?.claim ?? "";
  const [matched, setMatched] = useState(false);
  useKeys((event) => {
    if (event.key === "Escape" && !event.repeat) onDone();
  });
  const apology = say("apology_text", { name: "" });
  return (
    <section className="panel tasks-match" aria-label={say("match")}>
      <Flex justify="space-between" gap={12} wrap>
        <h2>{say("match")}</h2>
        <Button onClick={onDone} type={matched ? "primary" : "default"}>
          {say(matched ? "next" : "match_later")} <kbd>Esc</kbd>
        </Button>
      </Flex>
      <p className="quiet">{say("match_why")}</p>
      {claim && !matched && <Friends claim={claim} onMatched={() => setMatched(true)} />}
      {!claim && !matched && <p role="status">{say("match_wait")}</p>}
      {matched && (
        <p role="status" className="tone-ours">
          {say("match_done")}
        </p>
      )}
      <h3>{say("apology")}</h3>
      <p className="tasks-script">{apology}</p>
      <div>
        <Copy text={apology} label={say("copy_apology")} />
      </div>
    </section>
  );
}

/** Friends of whom nobody knows which buyer they are: the newest, or those whom the words fit. */
function Friends({ claim, onMatched }: { claim: string; onMatched: () => void }) {
  const say = useTasks();
  const [text, setText] = useState("");
  const sought = useSettled(text.trim());
  const listed = api.useQuery("get", "/api/v1/friends/to-match", {
    params: { query: { limit: 200 } },
  });
  const found = api.useQuery(
    "post",
    "/api/v1/customers/find",
    { body: { text: sought } },
    { enabled: sought !== "" },
  );
  const confirm = useAct("post", "/api/v1/matches/{claim}/confirm", { onSuccess: onMatched });
  const hits = new Set(found.data?.hits.map((one) => one.customer.customer));
  const fits = (customer: string) => sought === "" || hits.has(customer);
  const choose = (friend: string) =>
    confirm.mutate({ params: { path: { claim } }, body: { friend, by: "" } });
  return (
    <Flex vertical gap={12}>
      <Input.Search
        autoFocus
        allowClear
        aria-label={say("match_search")}
        placeholder={say("match_search")}
        value={text}
        loading={found.isFetching}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <Problem error={confirm.error} />
      <Shown query={listed}>
        {({ friends }) => {
          const shown = friends.filter((one) => fits(one.customer)).slice(0, 20);
          if (shown.length === 0) return <p className="quiet">{say("match_none")}</p>;
          return (
            <ul className="tasks-friends">
              {shown.map((one) => (
                <li key={one.friend}>
                  <span>{one.name_masked || say("nameless")}</span>
                  <span className="quiet">
                    <span data-raw>{one.staff}</span> · {say("added_at")} <When at={one.added_at} />
                  </span>
                  <Button loading={confirm.isPending} onClick={() => choose(one.friend)}>
                    {say("match_this")}
                  </Button>
                </li>
              ))}
            </ul>
          );
        }}
      </Shown>
    </Flex>
  );
}

/** What was written, once somebody stops writing. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    timer.current = setTimeout(() => settle(text), 300);
    return () => clearTimeout(timer.current);
  }, [text]);
  return settled;
}

import { App, Flex, Input, Modal } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { Problem, Shown } from "@/ui/states";
import { useTongue } from "./said";

/** Hold what this journey sends: the red switch for one journey, with what it holds. */
export function Pause({ code, title, close }: { code: string; title: string; close: () => void }) {
  const { say, many } = useTongue();
  const scope = `journey:${code}`;
  const query = api.useQuery("get", "/api/v1/stops/preview", { params: { query: { scope } } });
  const act = useAct("post", "/api/v1/pause", { onSuccess: close });
  return (
    <Modal
      open
      title={say("pause_title", { title })}
      onCancel={close}
      okText={say("pause")}
      okButtonProps={{ danger: true }}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      onOk={() => act.mutate({ body: { scope, by: "" } })}
    >
      <Flex vertical gap={12}>
        <p>{say("pause_why")}</p>
        <Problem error={act.error} />
        <Shown query={query} rows={2}>
          {({ channels }) => {
            const sum = (of: "waiting" | "back" | "untrue") =>
              channels.reduce((total, one) => total + one[of], 0);
            return (
              <ul className="journey-changes">
                <li>{say("held_waiting", { count: many(sum("waiting")) })}</li>
                <li>{say("held_back", { count: many(sum("back")) })}</li>
                {sum("untrue") > 0 && (
                  <li className="tone-waits">
                    {say("held_untrue", { count: many(sum("untrue")) })}
                  </li>
                )}
              </ul>
            );
          }}
        </Shown>
      </Flex>
    </Modal>
  );
}

/** End it for good, batch by batch, once its code is typed. */
export function Stop(props: { code: string; title: string; left: number; close: () => void }) {
  const { code, title, left, close } = props;
  const { say, many } = useTongue();
  const { message } = App.useApp();
  const [typed, setTyped] = useState("");
  const [done, setDone] = useState(0);
  const [rest, setRest] = useState<number | null>(null);
  const act = useAct("post", "/api/v1/journeys/{code}/stop", {
    onSuccess: (said) => {
      const ended = done + said.ended;
      setDone(ended);
      setRest(said.left);
      if (said.left > 0) go();
      else {
        void message.success(say("stop_done", { done: many(ended) }));
        close();
      }
    },
  });
  const go = () =>
    setTimeout(() => act.mutate({ params: { path: { code } }, body: { confirm: true, by: "" } }));
  return (
    <Modal
      open
      title={say("stop_title", { title })}
      onCancel={close}
      okText={say("stop_now")}
      okButtonProps={{ danger: true, disabled: typed.trim() !== code }}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      onOk={go}
    >
      <Flex vertical gap={12}>
        <p>{say("stop_why", { count: many(left) })}</p>
        <Problem error={act.error} />
        <label htmlFor="journey-stop">{say("stop_type", { code })}</label>
        <Input id="journey-stop" value={typed} onChange={({ target }) => setTyped(target.value)} />
        {rest !== null && rest > 0 && (
          <span>{say("stop_left", { done: many(done), count: many(rest) })}</span>
        )}
      </Flex>
    </Modal>
  );
}

import { Flex, Modal, Radio } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { Problem } from "@/ui/states";
import { usePlaybooks } from "./words";

/** Nobody comes in any more; what becomes of those under way is chosen. */
export function Stop(props: { name: string; title: string; close: () => void }) {
  const { name, title, close } = props;
  const say = usePlaybooks();
  const done = useDone();
  const [atOnce, choose] = useState(false);
  const journeys = api.useQuery("get", "/api/v1/journeys", {});
  const under = journeys.data?.journeys
    .filter((one) => one.playbook === name)
    .reduce((sum, one) => sum + one.under_way, 0);
  const act = useAct("post", "/api/v1/playbooks/{playbook}/stop", {
    onSuccess: (said) => {
      close();
      done(
        atOnce
          ? say("stopped_ended", { count: said.ended })
          : say("stopped_done", { count: said.going_on }),
      );
    },
  });
  return (
    <Modal
      open
      title={say("stop_title", { title })}
      onCancel={close}
      okText={say("stop_yes")}
      okButtonProps={{ danger: true, disabled: under === undefined }}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      onOk={() =>
        act.mutate({ params: { path: { playbook: name } }, body: { at_once: atOnce, by: "" } })
      }
    >
      <Flex vertical gap={12}>
        <Problem error={act.error ?? journeys.error} />
        <p>{under ? say("stop_under", { count: under }) : say("stop_nobody")}</p>
        {Boolean(under) && (
          <Radio.Group
            aria-label={say("stop_title", { title })}
            value={atOnce}
            onChange={({ target }) => choose(target.value)}
          >
            <Flex vertical gap={8}>
              <Choice of={false} title={say("stop_finish")} why={say("stop_finish_why")} />
              <Choice of={true} title={say("stop_at_once")} why={say("stop_at_once_why")} />
            </Flex>
          </Radio.Group>
        )}
        <p className="quiet">{say("stop_stands")}</p>
      </Flex>
    </Modal>
  );
}

function Choice({ of, title, why }: { of: boolean; title: string; why: string }) {
  return (
    <Radio value={of}>
      {title}
      <div className="quiet small">{why}</div>
    </Radio>
  );
}

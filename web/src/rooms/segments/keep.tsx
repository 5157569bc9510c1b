import { Alert, Flex, Input, Modal } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { useNames } from "@/ui/names";
import { Problem } from "@/ui/states";
import { sentence, type Tongue } from "./say";
import type { Detail } from "./segment";
import type { Said } from "./tree";
import type { Say } from "./words";

/** Says what saving does, and asks why. */
export function Keep(props: {
  said: Said;
  text: string;
  detail: Detail | null;
  tongue: Tongue;
  close: () => void;
  done: (code: string) => void;
}) {
  const { said, text, detail, tongue, close, done } = props;
  const { say, language } = tongue;
  const [note, setNote] = useState("");
  const told = useDone();
  const users = useUsers(say);
  const { data } = api.useQuery("get", "/api/v1/segments", {});
  const taken = data?.segments.find((one) => one.code === said.segment);
  const exclusive = data?.segments.some((one) => one.layer === said.layer && one.exclusive);
  const keep = useAct("put", "/api/v1/segments", {
    onSuccess: (kept) => {
      told(say("saved"));
      done(kept.code);
    },
  });
  const title = said.title[language];
  const same = detail?.code === said.segment;
  const version = (taken?.version ?? 0) + 1;
  return (
    <Modal
      open
      title={say("save_title")}
      okText={say("save")}
      cancelText={say("cancel")}
      confirmLoading={keep.isPending}
      onCancel={close}
      onOk={() => keep.mutate({ body: { text, note, by: "" } })}
    >
      <Flex vertical gap={12}>
        <Problem error={keep.error} />
        <span data-raw>
          {same || taken
            ? same && say("save_version", { title, version })
            : say("save_new", { title })}
        </span>
        {said.when && (
          <p className="seg-sentence" data-raw>
            {sentence(said.when, tongue)}
          </p>
        )}
        {taken && !same && (
          <Alert
            type="warning"
            showIcon
            title={say("save_taken", { code: taken.code, title: taken.title[language], version })}
          />
        )}
        {detail && !same && (
          <Alert type="info" showIcon title={say("save_other", { code: said.segment })} />
        )}
        {said.layer && (
          <Alert
            type={exclusive ? "warning" : "info"}
            showIcon
            title={say(exclusive ? "layer_exclusive" : "layer_open", { layer: said.layer })}
          />
        )}
        {same && detail.used_by.length > 0 && (
          <Alert
            type="warning"
            showIcon
            title={say("save_used", { users: users(detail.used_by) })}
          />
        )}
        <label htmlFor="seg-note">{say("note")}</label>
        <Input
          id="seg-note"
          maxLength={300}
          value={note}
          placeholder={say("note_help")}
          onChange={(event) => setNote(event.target.value)}
        />
      </Flex>
    </Modal>
  );
}

/** Who uses a segment, in words: `journey:cascade` by its name. */
export function useUsers(say: Say): (users: readonly string[]) => string {
  const names = useNames();
  return (users) =>
    users
      .map((one) => {
        const [kind, name = ""] = one.split(":");
        return name && kind === "journey"
          ? say("user_journey", { name: names.journey(name) })
          : say("user_segment", { name: one });
      })
      .join(" · ");
}

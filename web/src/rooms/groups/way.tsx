import { App, Button, Flex, Modal, Popconfirm, QRCode, Typography } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { SchemaKnownWay } from "@/api/schema";
import { Problem } from "@/ui/states";
import { useGroups } from "./words";

/** What is printed or sent: the code to scan, and the link where there is one. */
export function Code({ of }: { of: SchemaKnownWay }) {
  const say = useGroups();
  const [open, setOpen] = useState(false);
  const name = of.title || of.state || say("settings_link");
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {say("show")}
      </Button>
      <Modal title={name} open={open} onCancel={() => setOpen(false)} footer={null} destroyOnHidden>
        <Flex vertical align="center" gap={12}>
          {of.url ? (
            <>
              <QRCode value={of.url} size={220} bgColor="#ffffff" color="#000000" />
              <Typography.Text copyable={{ tooltips: [say("copy"), say("copied")] }}>
                <span data-raw>{of.url}</span>
              </Typography.Text>
            </>
          ) : (
            <>
              <img
                src={of.picture}
                alt={name}
                width={220}
                height={220}
                referrerPolicy="no-referrer"
              />
              <a href={of.picture} target="_blank" rel="noreferrer">
                {say("open_picture")}
              </a>
            </>
          )}
        </Flex>
      </Modal>
    </>
  );
}

export function GiveBack({ of }: { of: SchemaKnownWay }) {
  const say = useGroups();
  const { message } = App.useApp();
  const act = api.useMutation("post", "/api/v1/ways/drop", {
    onSuccess: () => void message.success(say("given_back")),
  });
  return (
    <>
      <Popconfirm
        title={say("give_back_sure")}
        okText={say("give_back")}
        cancelText={say("back")}
        onConfirm={() => act.mutate({ body: { kind: of.kind, state: of.state, by: "" } })}
      >
        <Button size="small" danger loading={act.isPending}>
          {say("give_back")}
        </Button>
      </Popconfirm>
      <Problem error={act.error} />
    </>
  );
}

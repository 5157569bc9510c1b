import { Button, Flex, Popconfirm, Typography } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Problem } from "@/ui/states";
import { words } from "@/ui/words";

const useWords = words("sent-by-hand", {
  copy: ["复制文字", "Copy the text"],
  copied: ["已复制", "Copied"],
  sent: ["已手动发送", "I have sent it"],
  sure: ["确认已在群里发送？", "You have sent it in the groups?"],
  keep: ["还没发", "Not yet"],
  told: ["已标记完成", "Marked as done"],
});

/** The text of a post to copy, and the press that says that it was sent by hand. */
export function SentByHand({ of }: { of: components["schemas"]["SaidPost"] }) {
  const say = useWords();
  const may = useMay()("tasks.work");
  const told = useDone();
  const act = api.useMutation("post", "/api/v1/groups/posts/{post}/done", {
    onSuccess: () => told(say("told")),
  });
  return (
    <Flex vertical gap={4} align="flex-start">
      <Flex gap={12} align="center" wrap>
        <Typography.Text
          copyable={{ text: of.text, tooltips: [say("copy"), say("copied")] }}
          className="small quiet"
        >
          {say("copy")}
        </Typography.Text>
        {may && (
          <Popconfirm
            title={say("sure")}
            okText={say("sent")}
            cancelText={say("keep")}
            onConfirm={() => act.mutate({ params: { path: { post: of.id } }, body: { by: "" } })}
          >
            <Button size="small" loading={act.isPending}>
              {say("sent")}
            </Button>
          </Popconfirm>
        )}
      </Flex>
      <Problem error={act.error} />
    </Flex>
  );
}

import { Button, Drawer, Flex, Spin } from "antd";
import { lazy, Suspense, useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { useSettled } from "@/ui/settled";
import { ByLine, Problem } from "@/ui/states";
import { useTagging } from "./words";

const Editor = lazy(() => import("@/ui/editor"));
const PAUSE = 400; // milliseconds without a change before the server is asked

/** The text of a rule, or of several, checked while it is written. */
export default function Write(props: { begin: string; readOnly: boolean; close: () => void }) {
  const { begin, readOnly, close } = props;
  const say = useTagging();
  const told = useDone();
  const [text, write] = useState(begin);
  const settled = useSettled(text, PAUSE);
  const checked = api.useQuery(
    "post",
    "/api/v1/tags/rules/check",
    { body: { text: settled, by: "" } },
    { staleTime: 60_000 },
  );
  const keep = useAct("put", "/api/v1/tags/rules", {
    onSuccess: ({ codes }) => {
      told(say("saved", { codes: codes.join("、") }));
      close();
    },
  });
  const problems = checked.data?.problems ?? [];
  const known = settled === text && checked.data !== undefined && !checked.isFetching;
  const verdict = !known
    ? say("checking")
    : problems.length
      ? say("to_do", { count: problems.length })
      : say("good");
  return (
    <Drawer
      open
      size="large"
      title={say("write_title")}
      onClose={close}
      footer={
        !readOnly && (
          <Flex justify="end">
            <Button
              type="primary"
              disabled={!known || problems.length > 0}
              loading={keep.isPending}
              onClick={() => keep.mutate({ body: { text, by: "" } })}
            >
              {say("save")}
            </Button>
          </Flex>
        )
      }
    >
      <Flex vertical gap={12}>
        <p className="quiet small" data-raw>
          {say("write_help")}
        </p>
        <Problem error={keep.error} />
        <span role="status" className={problems.length ? "tone-waits" : "quiet"}>
          {verdict}
        </span>
        <div className="tag-editor">
          <Suspense fallback={<Spin />}>
            <Editor
              text={text}
              label={say("write_title")}
              readOnly={readOnly}
              problems={problems}
              write={write}
            />
          </Suspense>
        </div>
        <ByLine found={problems} className="tag-problems" />
      </Flex>
    </Drawer>
  );
}

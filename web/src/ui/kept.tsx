import { Alert, Button, Drawer, Flex } from "antd";
import { type ReactNode, useState } from "react";
import { Failure } from "@/api/client";
import { useSettled } from "./settled";
import { Soon } from "./soon";
import { Problem } from "./states";
import { words } from "./words";

const useWords = words("kept", {
  overtaken: ["没有保存：现有的内容已不同", "Not saved: what is kept is another text by now"],
  theirs: ["看现在的内容", "Look at what is kept now"],
  mine: ["以我的为准，保存", "Save mine over it"],
});

interface Asked<Data> {
  data: Data | undefined;
  error: unknown;
  isFetchedAfterMount: boolean;
  isFetching: boolean;
}

/** What is kept now, asked anew (`refetchOnMount: "always"`) and waited for before it is opened. */
export function Afresh<Data>(props: {
  query: Asked<Data>;
  title: string;
  close: () => void;
  children: (data: Data) => ReactNode;
}) {
  const { query, title, close, children } = props;
  const [opened, open] = useState(false);
  if (!opened && query.isFetchedAfterMount && !query.isFetching && query.data && !query.error)
    open(true);
  if (opened && query.data) return children(query.data);
  if (!query.error || query.isFetching) return <Soon />;
  return (
    <Drawer open title={title} size={736} onClose={close}>
      <Problem error={query.error} />
    </Drawer>
  );
}

const PAUSE = 400; // milliseconds without a change before the server is asked

/** A text under its writer's hand, and the one that was kept as they last saw it: a new one has none. */
export function useWriting(kept: string, blank: string) {
  const [text, write] = useState(kept || blank);
  const [before, see] = useState(kept);
  const settled = useSettled(text, PAUSE);
  return { text, write, before, see, settled };
}

/** The text that its writer has seen, and what to do once another one is kept. */
export interface Meanwhile {
  ask: () => Promise<string | undefined>; // what is kept now
  seen: (now: string) => void; // it is in front of its writer
  mine: (now: string) => void; // it is written over
}

export const overtaken = (error: unknown): boolean =>
  error instanceof Failure && error.code === "overtaken";

/** Somebody else was first: look at what they kept, which can be undone, or save one's own. */
export function Overtaken(props: {
  error: Failure;
  meanwhile: Meanwhile;
  put: (text: string) => void;
}) {
  const { error, meanwhile, put } = props;
  const say = useWords();
  const then = (act: (now: string) => void) => async () => {
    const now = await meanwhile.ask();
    if (now !== undefined) act(now);
  };
  const look = (now: string) => {
    put(now);
    meanwhile.seen(now);
  };
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={say("overtaken")}
      description={
        <Flex vertical gap={8}>
          <span>{error.message}</span>
          <Flex wrap gap={8}>
            <Button size="small" onClick={then(look)}>
              {say("theirs")}
            </Button>
            <Button size="small" onClick={then(meanwhile.mine)}>
              {say("mine")}
            </Button>
          </Flex>
        </Flex>
      }
    />
  );
}

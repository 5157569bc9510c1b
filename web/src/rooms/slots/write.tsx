import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { useSettled } from "@/ui/settled";
import { Written } from "@/ui/written";
import { useSlots } from "./words";

const PAUSE = 400; // milliseconds without a change before the server is asked

/** The text of a service, checked while it is written. */
export default function Write(props: { begin: string; readOnly: boolean; close: () => void }) {
  const { begin, readOnly, close } = props;
  const say = useSlots();
  const told = useDone();
  const [text, write] = useState(begin);
  const settled = useSettled(text, PAUSE);
  const checked = api.useQuery(
    "post",
    "/api/v1/slots/check",
    { body: { text: settled, by: "" } },
    { staleTime: 60_000 },
  );
  const keep = useAct("put", "/api/v1/slots", {
    onSuccess: () => {
      told(say("saved"));
      close();
    },
  });
  return (
    <Written
      title={say("form_title")}
      label={say("write_title")}
      form="Service"
      text={text}
      write={write}
      checked={{
        problems: checked.data?.problems ?? [],
        known: settled === text && checked.data !== undefined && !checked.isFetching,
      }}
      keep={() => keep.mutate({ body: { text, by: "" } })}
      busy={keep.isPending}
      error={keep.error}
      readOnly={readOnly}
      close={close}
    />
  );
}

import { useState } from "react";
import { api } from "@/api/client";
import { useDone } from "@/ui/done";
import { useSettled } from "@/ui/settled";
import { Written } from "@/ui/written";
import { usePlans } from "./plans.words";

const PAUSE = 400; // milliseconds without a change before the server is asked

/** The text of a plan, or of several, checked while it is written. */
export default function Write(props: { begin: string; readOnly: boolean; close: () => void }) {
  const { begin, readOnly, close } = props;
  const say = usePlans();
  const told = useDone();
  const [text, write] = useState(begin);
  const settled = useSettled(text, PAUSE);
  const checked = api.useQuery(
    "post",
    "/api/v1/groups/plans/check",
    { body: { text: settled, by: "" } },
    { staleTime: 60_000 },
  );
  const keep = api.useMutation("put", "/api/v1/groups/plans", {
    onSuccess: () => {
      told(say("saved"));
      close();
    },
  });
  return (
    <Written
      title={say("form_title")}
      label={say("write_title")}
      form="Plan"
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

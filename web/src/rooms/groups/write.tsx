import { api } from "@/api/client";
import { useDone } from "@/ui/done";
import { saidBy } from "@/ui/form/asks";
import { Afresh, useWriting } from "@/ui/kept";
import { Written } from "@/ui/written";
import { usePlans } from "./plans.words";

const BLANK = `group: ""
title: {zh: "", en: ""}
admission: ""
apart_from: []
chats: ["*"]
way: ""
capacity: 500
roll_over: 0.9
calendar:
  - {on: mon-fri, at: "20:00", say: ""}
`;

/** The text of a plan, or of several, checked while it is written. */
export default function Write(props: { code: string; readOnly: boolean; close: () => void }) {
  const { code, close } = props;
  const say = usePlans();
  const query = api.useQuery("get", "/api/v1/groups/plans", {}, { refetchOnMount: "always" });
  const of = (data: typeof query.data, which: string) =>
    data?.plans.find((one) => one.code === which)?.text;
  const ask = async (which: string) => of((await query.refetch()).data, which);
  return (
    <Afresh query={query} title={say("form_title")} close={close}>
      {(data) => <Text {...props} kept={(code && of(data, code)) || ""} ask={ask} />}
    </Afresh>
  );
}

function Text(props: {
  kept: string;
  ask: (code: string) => Promise<string | undefined>;
  readOnly: boolean;
  close: () => void;
}) {
  const { kept, ask, readOnly, close } = props;
  const say = usePlans();
  const told = useDone();
  const { text, write, before, see, settled } = useWriting(kept, BLANK);
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
  const send = (seen: string) => {
    see(seen);
    keep.mutate({ body: { text, by: "", before: seen } });
  };
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
      keep={() => send(before)}
      busy={keep.isPending}
      error={keep.error}
      readOnly={readOnly}
      close={close}
      meanwhile={{
        ask: () => ask(String(saidBy(text)?.group)),
        seen: (now) => {
          see(now);
          keep.reset();
        },
        mine: send,
      }}
    />
  );
}

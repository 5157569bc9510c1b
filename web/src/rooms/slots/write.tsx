import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { saidBy } from "@/ui/form/asks";
import { Afresh, useWriting } from "@/ui/kept";
import { Written } from "@/ui/written";
import { useSlots } from "./words";

const BLANK = `service: ""
title: {zh: "", en: ""}
minutes: 30
ahead: 14d
notice: 1h
late: 2h
per_customer: 1
stores:
  store-code: {week: "mon-fri 10:00-18:00", capacity: 2}
`;

/** The text of a service, checked while it is written. */
export default function Write(props: { code: string; readOnly: boolean; close: () => void }) {
  const { code, close } = props;
  const say = useSlots();
  const query = api.useQuery("get", "/api/v1/slots", {}, { refetchOnMount: "always" });
  const of = (data: typeof query.data, which: string) =>
    data?.services.find((one) => one.code === which)?.text;
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
  const say = useSlots();
  const told = useDone();
  const { text, write, before, see, settled } = useWriting(kept, BLANK);
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
  const send = (seen: string) => {
    see(seen);
    keep.mutate({ body: { text, by: "", before: seen } });
  };
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
      keep={() => send(before)}
      busy={keep.isPending}
      error={keep.error}
      readOnly={readOnly}
      close={close}
      meanwhile={{
        ask: () => ask(String(saidBy(text)?.service)),
        seen: (now) => {
          see(now);
          keep.reset();
        },
        mine: send,
      }}
    />
  );
}

import { Flex, Segmented, Select } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { saidBy } from "@/ui/form/asks";
import { Afresh, useWriting } from "@/ui/kept";
import { type Language, useLanguage } from "@/ui/words";
import { Written } from "@/ui/written";
import { BLANK, KINDS, type Kind } from "./kinds";
import { usePages } from "./words";

const ALL = { params: { query: { retired: true } } };

/** The text of a page beside how a phone shows it, checked while it is written. */
export default function Write(props: { code: string; readOnly: boolean; close: () => void }) {
  const { code, close } = props;
  const say = usePages();
  const query = api.useQuery("get", "/api/v1/pages", ALL, { refetchOnMount: "always" });
  const of = (data: typeof query.data, which: string) =>
    data?.pages.find((one) => one.code === which)?.text;
  const ask = async (which: string) => of((await query.refetch()).data, which);
  return (
    <Afresh query={query} title={say("form_title")} close={close}>
      {(data) => <Text {...props} kept={(code && of(data, code)) || ""} ask={ask} />}
    </Afresh>
  );
}

function Text(props: {
  kept: string;
  code: string;
  ask: (code: string) => Promise<string | undefined>;
  readOnly: boolean;
  close: () => void;
}) {
  const { kept, code, ask, readOnly, close } = props;
  const say = usePages();
  const told = useDone();
  const [here] = useLanguage();
  const { text, write, before, see, settled } = useWriting(kept, BLANK.entry);
  const [language, speak] = useState<Language>(here);
  const [stranger, be] = useState(false);
  const drawn = api.useQuery(
    "post",
    "/api/v1/pages/preview",
    { body: { text: settled, language, stranger } },
    {
      staleTime: 60_000,
      placeholderData: (before: { html: string } | undefined) => before as never,
    },
  );
  const keep = useAct("put", "/api/v1/pages", {
    onSuccess: ({ code, title }) => {
      told(say("published", { title: title[here] || code }));
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
      form="Page"
      text={text}
      write={write}
      checked={{
        problems: drawn.data?.problems ?? [],
        known: settled === text && drawn.data !== undefined && !drawn.isFetching,
      }}
      keep={() => send(before)}
      busy={keep.isPending}
      error={keep.error}
      readOnly={readOnly}
      close={close}
      meanwhile={{
        ask: () => ask(String(saidBy(text)?.page)),
        seen: (now) => {
          see(now);
          keep.reset();
        },
        mine: send,
      }}
      aside={(put) => (
        <section aria-label={say("preview")} className="page-preview">
          {!code && (
            <Select<Kind>
              aria-label={say("template")}
              placeholder={say("template")}
              options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
              onChange={(kind) => put(BLANK[kind])}
            />
          )}
          <Flex gap={8} wrap>
            <Segmented<Language>
              aria-label={say("language")}
              size="small"
              value={language}
              options={(["zh", "en"] as const).map((one) => ({ value: one, label: say(one) }))}
              onChange={speak}
            />
            <Segmented<"known" | "stranger">
              aria-label={say("preview_as")}
              size="small"
              value={stranger ? "stranger" : "known"}
              options={(["known", "stranger"] as const).map((one) => ({
                value: one,
                label: say(`seen_${one}`),
              }))}
              onChange={(who) => be(who === "stranger")}
            />
          </Flex>
          {drawn.data?.html ? (
            <iframe
              title={say("preview")}
              className="page-phone"
              sandbox="allow-same-origin"
              srcDoc={drawn.data.html}
            />
          ) : (
            <p className="quiet page-phone page-blank">{say("preview_none")}</p>
          )}
          <span className="quiet small">{say("preview_picture")}</span>
        </section>
      )}
    />
  );
}

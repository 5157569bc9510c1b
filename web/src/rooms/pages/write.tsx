import { Flex, Segmented, Select } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { useSettled } from "@/ui/settled";
import { type Language, useLanguage } from "@/ui/words";
import { Written } from "@/ui/written";
import { BLANK, KINDS, type Kind } from "./kinds";
import { usePages } from "./words";

const PAUSE = 400; // milliseconds without a change before the server is asked

/** The text of a page beside how a phone shows it, checked while it is written. */
export default function Write(props: {
  begin: string;
  fresh: boolean;
  readOnly: boolean;
  close: () => void;
}) {
  const { begin, fresh, readOnly, close } = props;
  const say = usePages();
  const told = useDone();
  const [here] = useLanguage();
  const [text, write] = useState(begin);
  const [language, speak] = useState<Language>(here);
  const [stranger, be] = useState(false);
  const settled = useSettled(text, PAUSE);
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
      keep={() => keep.mutate({ body: { text, by: "" } })}
      busy={keep.isPending}
      error={keep.error}
      readOnly={readOnly}
      close={close}
      aside={
        <section aria-label={say("preview")} className="page-preview">
          {fresh && (
            <Select<Kind>
              aria-label={say("template")}
              placeholder={say("template")}
              options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
              onChange={(kind) => write(BLANK[kind])}
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
      }
    />
  );
}

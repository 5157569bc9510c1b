import { Button, DatePicker, Flex, Modal } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { fetcher } from "@/api/client";
import { queries } from "@/api/queries";
import { useNow } from "@/ui/clock";
import { useDone } from "@/ui/done";
import { count, day, opens } from "@/ui/format";
import { Problem } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import type { Rule } from "./rules";
import { useTagging } from "./words";

interface Looked {
  facts: number;
  hits: number;
}

const USUAL = 90; // days

/** What a rule would say of the past: counted first, page by page, then applied. */
export default function Past({ rule, close }: { rule: Rule; close: () => void }) {
  const say = useTagging();
  const told = useDone();
  const [language] = useLanguage();
  const now = useNow();
  const [since, from] = useState(() => day(dayjs(now).subtract(USUAL, "day").toDate()));
  const [found, setFound] = useState<Looked | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const walk = async (dry: boolean) => {
    setBusy(true);
    fail(null);
    try {
      const all = await through(rule.code, opens(since), dry, setFound);
      if (dry) return;
      void queries.invalidateQueries();
      told(say("applied", { hits: count(all.hits, language) }));
      close();
    } catch (why) {
      fail(why);
    } finally {
      setBusy(false);
    }
  };
  const said = found && {
    facts: count(found.facts, language),
    hits: count(found.hits, language),
  };
  return (
    <Modal
      open
      title={say("past_title", { code: rule.code })}
      onCancel={close}
      footer={
        <Flex gap={8} justify="end">
          <Button loading={busy && !found} onClick={() => void walk(true)}>
            {say("look_first")}
          </Button>
          <Button
            type="primary"
            disabled={!found?.hits}
            loading={busy && Boolean(found)}
            onClick={() => void walk(false)}
          >
            {say("apply", { hits: said?.hits ?? 0 })}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={12}>
        <Problem error={error} />
        <p>{say("past_help")}</p>
        <label htmlFor="tag-since">{say("since")}</label>
        <DatePicker
          id="tag-since"
          allowClear={false}
          value={dayjs(since)}
          onChange={(_, chosen) => {
            from(String(chosen));
            setFound(null);
          }}
        />
        {said && <strong role="status">{say(busy ? "applying" : "looked", said)}</strong>}
      </Flex>
    </Modal>
  );
}

/** Page after page, until the end. */
async function through(
  code: string,
  since: string,
  dry: boolean,
  tell: (looked: Looked) => void,
): Promise<Looked> {
  let after = 0;
  let all: Looked = { facts: 0, hits: 0 };
  for (;;) {
    const { data } = await fetcher.POST("/api/v1/tags/rules/apply", {
      body: { since, codes: [code], after, dry, by: "" },
    });
    if (!data) return all;
    all = { facts: all.facts + data.facts, hits: all.hits + data.hits };
    tell(all);
    if (data.next === null) return all;
    after = data.next;
  }
}

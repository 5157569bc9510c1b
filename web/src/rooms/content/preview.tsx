import { Alert, Button, Flex, Input } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFound } from "@/ui/find";
import { rate } from "@/ui/format";
import { Failed, Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { useContent } from "./words";

type Card = components["schemas"]["MaterialPreview"];
interface Whom {
  customer: string;
  name: string;
}

/** What a chosen customer would get, in both languages; nothing is sent. */
export function Preview({ code }: { code: string }) {
  const say = useContent();
  const may = useMay();
  const [whom, choose] = useState<Whom | null>(null);
  if (!may("customers.read")) return null;
  return (
    <section className="panel" aria-label={say("preview")}>
      <Flex justify="space-between" gap={8}>
        <h2>{say("preview")}</h2>
        {whom && (
          <Button size="small" onClick={() => choose(null)}>
            {say("other_whom")}
          </Button>
        )}
      </Flex>
      {whom ? (
        <Gets code={code} whom={whom} />
      ) : (
        <>
          <p className="quiet small">{say("preview_help")}</p>
          <Choose choose={choose} />
        </>
      )}
    </section>
  );
}

function Choose({ choose }: { choose: (whom: Whom) => void }) {
  const say = useContent();
  const [text, setText] = useState("");
  const { found, asked, error } = useFound(text);
  const hits = (found?.hits ?? []).slice(0, 6);
  return (
    <Flex vertical gap={4}>
      <Input
        allowClear
        autoComplete="off"
        aria-label={say("preview_whom")}
        placeholder={say("find_whom")}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {Boolean(error) && <Failed error={error} />}
      {hits.map(({ customer }) => {
        const name = customer.name_masked || say("nameless");
        return (
          <button
            key={customer.customer}
            type="button"
            className="content-hit"
            data-raw
            onClick={() => choose({ customer: customer.customer, name })}
          >
            {name} <span className="number quiet">{customer.phone_masked}</span>
          </button>
        );
      })}
      {asked && found && hits.length === 0 && <span className="quiet">{say("find_none")}</span>}
    </Flex>
  );
}

function Gets({ code, whom }: { code: string; whom: Whom }) {
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/materials/{code}/preview", {
    params: { path: { code }, query: { customer: whom.customer, language } },
  });
  return (
    <Shown query={query} rows={3}>
      {(got) => <Got of={got} name={whom.name} />}
    </Shown>
  );
}

function Got({ of, name }: { of: Card; name: string }) {
  const say = useContent();
  const code = useCode();
  const [language] = useLanguage();
  const facts = [
    of.variant &&
      say("gets_variant", { code: of.variant, share: rate(of.probability, language, 0) }),
    of.segments > 0 && say("segments", { count: of.segments }),
    of.assumed.length > 0 && say("assumed", { names: of.assumed.join("、") }),
  ].filter(Boolean);
  return (
    <Flex vertical gap={8} role="status">
      <span className="quiet small" data-raw>
        {say("gets", { who: name, version: of.version })}
      </span>
      <div className="content-bubble" data-raw>
        {of.form.heading && <strong>{of.form.heading}</strong>}
        {of.text}
      </div>
      {(of.png || of.poster) && (
        <img className="content-poster" alt={say("poster")} src={posterOf(of)} />
      )}
      {of.wordless && <Alert type="warning" showIcon title={say("wordless")} />}
      {facts.map((one) => (
        <span key={String(one)} className="quiet small" data-raw>
          {one}
        </span>
      ))}
      {of.unfit && (
        <Alert type="warning" showIcon title={say("unfit", { why: code("reason", of.unfit) })} />
      )}
    </Flex>
  );
}

/** As it is sent; what can't be sent, as it would be printed. */
const posterOf = ({ png, poster }: Card) =>
  png
    ? `data:image/png;base64,${png}`
    : `data:image/svg+xml;charset=utf-8,${encodeURIComponent(poster)}`;

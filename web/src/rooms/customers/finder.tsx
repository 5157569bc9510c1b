import { SearchOutlined } from "@ant-design/icons";
import { Flex, Input } from "antd";
import { useEffect, useState } from "react";
import { api } from "@/api/client";
import { Failed } from "@/ui/states";
import { Found } from "./parts";
import type { Card } from "./types";
import { useCustomers } from "./words";

const REST = 200; // milliseconds without a key pressed

/** Who these words could mean, once nobody has typed for a moment. In the body, never in a URL. */
export function useFound(text: string) {
  const [said, settle] = useState("");
  const plain = text.trim();
  useEffect(() => {
    const timer = setTimeout(() => settle(plain), REST);
    return () => clearTimeout(timer);
  }, [plain]);
  const query = api.useQuery(
    "post",
    "/api/v1/customers/find",
    { body: { text: said } },
    { enabled: said.length > 1, staleTime: 5_000, gcTime: 0 },
  );
  const asked = said.length > 1 && said === plain;
  return { found: asked ? query.data : undefined, asked, error: query.error };
}

/** A box, and those whom it finds to pick one from. */
export function Finder(props: {
  label: string;
  picked: Card | null;
  pick: (card: Card | null) => void;
  but?: string;
}) {
  const { label, picked, pick, but } = props;
  const say = useCustomers();
  const [text, setText] = useState("");
  const { found, asked, error } = useFound(text);
  const others = (found?.hits ?? []).filter(({ customer }) => customer.customer !== but);
  return (
    <Flex vertical gap={8}>
      <Input
        autoFocus
        allowClear
        aria-label={label}
        placeholder={say("find_buyer")}
        prefix={<SearchOutlined aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          pick(null);
        }}
      />
      {Boolean(error) && <Failed error={error} />}
      {others.map(({ customer, by }) => (
        <button
          key={customer.customer}
          type="button"
          className="hit"
          aria-pressed={picked?.customer === customer.customer}
          onClick={() => pick(customer)}
        >
          <Found card={customer} by={by} />
        </button>
      ))}
      {asked && found && others.length === 0 && <span className="quiet">{say("search_none")}</span>}
      {found?.more && <span className="quiet">{say("search_more")}</span>}
    </Flex>
  );
}

import { SearchOutlined } from "@ant-design/icons";
import { Flex, Input } from "antd";
import { useState } from "react";
import { useFound } from "@/ui/find";
import { Failed } from "@/ui/states";
import { Found } from "./parts";
import type { Card } from "./types";
import { useCustomers } from "./words";

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

import { SearchOutlined } from "@ant-design/icons";
import { Input, type InputRef } from "antd";
import { type KeyboardEvent as Pressed, type ReactNode, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useMay } from "@/api/session";
import { useFound } from "@/ui/find";
import { Found } from "./parts";
import { useCustomers } from "./words";
import "./customers.css";

interface Option {
  path: string;
  shown: ReactNode;
}

const LIST = "customers-found";

/** The box in the top bar: whatever is known leads to a customer; `/` goes there from anywhere. */
export default function Search() {
  const may = useMay();
  return may("customers.read") ? <Box /> : null;
}

function Box() {
  const say = useCustomers();
  const navigate = useNavigate();
  const input = useRef<InputRef>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, move] = useState(0);
  const { found, asked } = useFound(text);
  useSlash(() => input.current?.focus());

  const options: Option[] = [
    ...(found?.hits ?? []).map(({ customer, by }) => ({
      path: `/customers/${customer.customer}`,
      shown: <Found card={customer} by={by} />,
    })),
    ...(found?.tags ?? []).map((tag) => ({
      path: `/customers?tag=${encodeURIComponent(tag)}`,
      shown: (
        <>
          <span className="quiet">{say("search_tag")}</span> <span data-raw>{tag}</span>
        </>
      ),
    })),
  ];
  const here = Math.min(at, options.length - 1);
  const go = (option: Option | undefined) => {
    if (!option) return;
    setText("");
    setOpen(false);
    input.current?.blur();
    navigate(option.path);
  };
  const press = (event: Pressed) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length > 0) {
      event.preventDefault();
      move((here + step + options.length) % options.length);
    }
    if (event.key === "Enter") go(options[here]);
    if (event.key === "Escape") input.current?.blur();
  };
  const shown = open && asked && Boolean(found);
  const note = options.length === 0 ? say("search_none") : found?.more ? say("search_more") : "";
  return (
    <div className="search">
      <Input
        ref={input}
        allowClear
        autoComplete="off"
        role="combobox"
        aria-label={say("search")}
        aria-expanded={shown && options.length > 0}
        aria-autocomplete="list"
        {...(shown &&
          options.length > 0 && {
            "aria-controls": LIST,
            "aria-activedescendant": `${LIST}-${here}`,
          })}
        placeholder={say("search_hint")}
        prefix={<SearchOutlined aria-hidden />}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          move(0);
        }}
        onKeyDown={press}
      />
      {shown && (
        <div className="search-found">
          {options.length > 0 && (
            <div role="listbox" id={LIST} aria-label={say("search")}>
              {options.map((one, place) => (
                <div
                  key={one.path}
                  id={`${LIST}-${place}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={place === here}
                  className="search-option"
                  onMouseEnter={() => move(place)}
                  // before the field loses focus, which closes the list
                  onMouseDown={(event) => {
                    event.preventDefault();
                    go(one);
                  }}
                >
                  {one.shown}
                </div>
              ))}
            </div>
          )}
          {note && (
            <div className="quiet small search-note" role="status">
              {note}
            </div>
          )}
        </div>
      )}
    </div>
  );
}

/** `/` pressed anywhere but in a field. */
function useSlash(then: () => void) {
  const act = useRef(then);
  act.current = then;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target instanceof Element ? event.target : null;
      const writing = at?.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
      event.preventDefault();
      act.current();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

import { Fragment } from "react";
import { blocks, type Inline } from "./markdown";

/** The page about a playbook, as its folder has it; its own title stands above already. */
export function Written({ text }: { text: string }) {
  const found = blocks(text).filter((one) => !(one.kind === "heading" && one.level === 1));
  return (
    <div className="play-page" data-raw>
      {found.map((one, place) => {
        const key = `${place} ${one.kind}`;
        if (one.kind === "heading")
          return (
            <h3 key={key}>
              <Words of={one.of} />
            </h3>
          );
        if (one.kind === "paragraph")
          return (
            <p key={key}>
              <Words of={one.of} />
            </p>
          );
        return (
          <ul key={key}>
            {one.items.map((item) => (
              <li key={item.map((part) => part.text).join("")}>
                <Words of={item} />
              </li>
            ))}
          </ul>
        );
      })}
    </div>
  );
}

function Words({ of }: { of: Inline[] }) {
  return of.map((one, place) => {
    const key = `${place} ${one.text}`;
    if (one.kind === "bold") return <strong key={key}>{one.text}</strong>;
    if (one.kind === "code") return <code key={key}>{one.text}</code>;
    return <Fragment key={key}>{one.text}</Fragment>;
  });
}

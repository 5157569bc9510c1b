import { Button, Flex, Modal } from "antd";
import { type ReactNode, useEffect } from "react";
import { useBlocker } from "react-router";
import { Problem } from "@/ui/states";
import { useSettings } from "./words";

/**
 * What was changed and not saved: it stays in sight, and nobody leaves it by mistake. `wrong`: it can't
 * be saved yet, as the field itself says.
 */
export function Unsaved(props: {
  many: number;
  wrong?: boolean;
  review: () => void;
  discard: () => void;
}) {
  const { many, wrong = false, review, discard } = props;
  const say = useSettings();
  const dirty = many > 0;
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
  return (
    <>
      {dirty && (
        <div className="unsaved" role="status">
          <span className="tone-waits">
            {say("unsaved", { count: many })}
            {wrong && ` · ${say("mend_first")}`}
          </span>
          <Flex gap={8}>
            <Button onClick={discard}>{say("discard")}</Button>
            <Button type="primary" onClick={review} disabled={wrong}>
              {say("review")}
            </Button>
          </Flex>
        </div>
      )}
      <Modal
        open={blocker.state === "blocked"}
        title={say("leave")}
        okText={say("leave_yes")}
        cancelText={say("stay")}
        onOk={() => blocker.proceed?.()}
        onCancel={() => blocker.reset?.()}
      >
        {say("leave_why", { count: many })}
      </Modal>
    </>
  );
}

/** The change in words, before it is made. */
export function Review(props: {
  open: boolean;
  lines: ReactNode[];
  effect?: string;
  error: unknown;
  busy: boolean;
  save: () => void;
  close: () => void;
}) {
  const { open, lines, effect, error, busy, save, close } = props;
  const say = useSettings();
  return (
    <Modal
      open={open}
      title={say("review_title", { count: lines.length })}
      okText={say("save")}
      cancelText={say("back")}
      onOk={save}
      onCancel={close}
      okButtonProps={{ loading: busy }}
      cancelButtonProps={{ disabled: busy }}
    >
      <Problem error={error} />
      <ul className="lines">
        {lines.map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines stand still while it is open
          <li key={place}>{line}</li>
        ))}
      </ul>
      {effect && <p className="quiet">{effect}</p>}
    </Modal>
  );
}

import { EyeOutlined } from "@ant-design/icons";
import { Button, Flex } from "antd";
import { useEffect, useState } from "react";
import { api } from "@/api/client";
import { Ask, Why } from "./ask";
import type { Overview } from "./types";
import { useCustomers } from "./words";

const SHOWN = 60; // seconds

/** Seconds for which something is still shown in clear, and what begins them; then `reset`. */
export function useHiding(reset: () => void): [number, () => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => {
      setLeft(left - 1);
      if (left === 1) reset();
    }, 1000);
    return () => clearTimeout(timer);
  }, [left, reset]);
  return [left, () => setLeft(SHOWN)];
}

/** Phone, name and staff's remarks in clear, for a minute: it asks why, and the audit remembers. */
export function Reveal({ of }: { of: Overview }) {
  const { customer } = of;
  const say = useCustomers();
  const [asking, ask] = useState(false);
  // No Idempotency-Key: an answer in clear is kept nowhere, so it can't be given twice.
  const act = api.useMutation("post", "/api/v1/customers/{customer}/reveal", {
    gcTime: 0,
    onSuccess: () => {
      ask(false);
      begin();
    },
  });
  const [left, begin] = useHiding(act.reset);

  const who = (staff: string) => of.friendships.find((one) => one.staff === staff)?.name ?? staff;
  const shown = left > 0 ? act.data : undefined;
  if (shown) {
    return (
      <Flex gap={8} align="center" wrap role="status">
        <strong className="number">{shown.phone ?? say("no_phone")}</strong>
        <span>{shown.name}</span>
        {shown.remarks.map((one) => (
          <span key={`${one.staff} ${one.at}`}>
            {say("remark_of", { who: who(one.staff) })}
            <span data-raw>{one.text}</span>
          </span>
        ))}
        <span className="quiet small number">{say("revealed", { seconds: left })}</span>
      </Flex>
    );
  }
  return (
    <>
      <Button type="primary" icon={<EyeOutlined aria-hidden />} onClick={() => ask(true)}>
        {say("reveal")}
      </Button>
      {asking && (
        <Ask<{ why: string }>
          title={say("reveal")}
          act={say("reveal_do")}
          error={act.error}
          busy={act.isPending}
          send={({ why }) => act.mutate({ params: { path: { customer } }, body: { reason: why } })}
          done={() => ask(false)}
        >
          <Why label={say("reveal_why")} />
        </Ask>
      )}
    </>
  );
}

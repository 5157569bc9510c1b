import { Button, DatePicker, Flex, Input, Modal } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAct } from "@/api/client";
import { now } from "@/ui/clock";
import { day } from "@/ui/format";
import { Problem } from "@/ui/states";
import { useDry } from "./dry.words";

const USUAL = 30;
const FORM = "sms: {reached: [0.9, 0.96, 0.99], added: [0.01, 0.04, 0.08]}";

/** Which days a text is tried on, and how people are taken to answer. */
export function AskDry(props: { text: string; draft: boolean; rates?: string; close: () => void }) {
  const { text, draft, close } = props;
  const say = useDry();
  const go = useNavigate();
  const today = dayjs(day(now()));
  const [days, choose] = useState<[Dayjs, Dayjs]>([
    today.subtract(USUAL, "day"),
    today.subtract(1, "day"),
  ]);
  const [rates, write] = useState(props.rates ?? "");
  const act = useAct("post", "/api/v1/journeys/dry-runs", {
    onSuccess: (asked) => {
      close();
      void go(`/journeys/${asked.journey}/dry-runs/${asked.id}`);
    },
  });
  const [from, to] = days.map((one) => one.format("YYYY-MM-DD")) as [string, string];
  return (
    <Modal
      open
      width={640}
      title={say("ask_title")}
      onCancel={close}
      footer={
        <Flex justify="flex-end" gap={8}>
          <Button onClick={close}>{say("close")}</Button>
          <Button
            type="primary"
            loading={act.isPending}
            onClick={() =>
              act.mutate({ body: { text, from, to, rates, seed: "1", ranges: true, by: "" } })
            }
          >
            {say("begin")}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={16}>
        <span className="quiet">{say("ask_why")}</span>
        {draft && <span>{say("of_draft")}</span>}
        <Problem error={act.error} />
        <div>
          <label htmlFor="dry-days">{say("days")}</label>
          <DatePicker.RangePicker
            id={{ start: "dry-days", end: "dry-last" }}
            aria-label={say("days")}
            style={{ width: "100%" }}
            allowClear={false}
            value={days}
            maxDate={today}
            onChange={(found) => found?.[0] && found[1] && choose([found[0], found[1]])}
          />
          <span className="quiet">{say("days_help")}</span>
        </div>
        <div>
          <label htmlFor="dry-rates">{say("yours")}</label>
          <Input.TextArea
            id="dry-rates"
            className="number"
            autoSize={{ minRows: 2, maxRows: 10 }}
            placeholder={FORM}
            value={rates}
            onChange={({ target }) => write(target.value)}
          />
          <span className="quiet">
            {say("yours_help")} <code>{FORM}</code> {say("yours_form")}
          </span>
        </div>
      </Flex>
    </Modal>
  );
}

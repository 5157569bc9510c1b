import { Button, Flex, Modal } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { Edit } from "./edit";
import { useWarehouses } from "./words";

export type House = components["schemas"]["HouseRow"];
export type Thing = components["schemas"]["Told"];

export const MOST = 10_000; // planned parcels that are counted

/** The warehouses, and until when each can be told what goes in. */
export function Houses() {
  const say = useWarehouses();
  const may = useMay()("settings.write");
  const query = api.useQuery("get", "/api/v1/warehouses", {});
  const [open, setOpen] = useState<string | null>(null);
  const [gone, setGone] = useState<House | null>(null);
  return (
    <Shown query={query}>
      {({ warehouses, things }) => {
        const house = warehouses.find((one) => one.code === open);
        const add = may && (
          <Button type="primary" onClick={() => setOpen("")}>
            {say("add")}
          </Button>
        );
        return (
          <>
            {warehouses.length === 0 && <Nothing what={say("none")}>{add}</Nothing>}
            <div className="house-list">
              {warehouses.map((one) => (
                <OneHouse
                  key={one.code}
                  house={one}
                  edit={may ? () => setOpen(one.code) : undefined}
                  drop={may ? () => setGone(one) : undefined}
                />
              ))}
            </div>
            {warehouses.length > 0 && <p>{add}</p>}
            {open !== null && (
              <Edit
                key={open}
                house={house}
                taken={warehouses.map((one) => one.code)}
                things={things}
                close={() => setOpen(null)}
              />
            )}
            {gone && <Drop house={gone} close={() => setGone(null)} />}
          </>
        );
      }}
    </Shown>
  );
}

function OneHouse(props: {
  house: House;
  edit: (() => void) | undefined;
  drop: (() => void) | undefined;
}) {
  const { house, edit, drop } = props;
  const say = useWarehouses();
  const names = useNames();
  return (
    <section className="panel house" aria-label={house.code}>
      <Flex justify="space-between" align="flex-start" gap={12} wrap>
        <h2 data-raw>{house.code}</h2>
        <Flex gap={8}>
          {edit && <Button onClick={edit}>{say("edit")}</Button>}
          {drop && <Button onClick={drop}>{say("drop")}</Button>}
        </Flex>
      </Flex>
      <dl>
        <dt>{say("shops")}</dt>
        <dd data-raw={house.shops.length > 0 || undefined}>
          {house.shops.map((one) => names.shop(one)).join(" · ") || say("all_others")}
        </dd>
        <dt>{say("cutoff")}</dt>
        <dd>
          {figuresOf(house, say)}
          <div className="quiet small">
            {say("paid_now")} <When at={house.paid_now_until} />
          </div>
        </dd>
        <dt>{say("plans")}</dt>
        <dd>{say(house.plans ? "plans_ours" : "plans_theirs")}</dd>
        <dt>{say("waiting")}</dt>
        <dd>
          <Count of={house.waiting} most={MOST} />
        </dd>
      </dl>
      <Codes things={house.told} />
    </section>
  );
}

/** What a packer reads for each thing of ours. */
function Codes({ things }: { things: Thing[] }) {
  const say = useWarehouses();
  const code = useCode();
  if (things.length === 0) return <p className="quiet">{say("no_things")}</p>;
  return (
    <table className="codes">
      <thead>
        <tr>
          <th scope="col">{say("thing")}</th>
          <th scope="col">{say("their_code")}</th>
          <th scope="col">{say("reads")}</th>
        </tr>
      </thead>
      <tbody>
        {things.map((one) => (
          <tr key={`${one.kind} ${one.code}`}>
            <td>
              {code("parcel_content", one.kind)} <code>{one.code}</code>
            </td>
            <td data-raw>{one.item === one.code ? <span className="quiet">—</span> : one.item}</td>
            <td data-raw>{one.reads}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Figures = Pick<
  House,
  "lag_minutes" | "audit_minutes" | "ship_cutoff" | "margin_minutes" | "time_zone"
>;

/** "payment + 15 min + 30 min − 10 min, at 16:00 at the latest". */
export function figuresOf(of: Figures, say: ReturnType<typeof useWarehouses>): string {
  const { lag_minutes: lag, audit_minutes: audit, margin_minutes: margin } = of;
  const hour = of.ship_cutoff?.slice(0, 5) ?? "";
  if (audit === null) return say("figures_hour", { hour, margin, lag, zone: of.time_zone ?? "" });
  const said = say("figures_audit", { lag, audit, margin });
  return hour ? say("figures_both", { said, hour, margin }) : said;
}

function Drop({ house, close }: { house: House; close: () => void }) {
  const say = useWarehouses();
  const act = useAct("post", "/api/v1/warehouses/{code}/drop", { onSuccess: close });
  return (
    <Modal
      open
      title={say("drop_title", { code: house.code })}
      okText={say("drop")}
      cancelText={say("back")}
      okButtonProps={{ danger: true, loading: act.isPending }}
      onOk={() => act.mutate({ params: { path: { code: house.code } }, body: { by: "" } })}
      onCancel={close}
    >
      <Problem error={act.error} />
      <p>{say("drop_why", { count: house.waiting })}</p>
    </Modal>
  );
}

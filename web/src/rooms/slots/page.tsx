import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Flex, Select } from "antd";
import dayjs from "dayjs";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useFilters } from "@/ui/filters";
import { day as dayOf } from "@/ui/format";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { Day } from "./day";
import { Turnout } from "./turnout";
import { Week } from "./week";
import { useSlots } from "./words";
import "./slots.css";

const Write = lazy(() => import("./write"));
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A week of a store's times, a day's bookings, and who came of those who booked. */
export function Component() {
  const say = useSlots();
  const may = useMay();
  const [code, write] = useState<string | null>(null); // empty: a new one
  const query = api.useQuery("get", "/api/v1/slots/places", {});
  const writes = may("settings.write");
  return (
    <Page
      title={say("title")}
      under={say("under")}
      primary={
        writes && (
          <Button type="primary" onClick={() => write("")}>
            {say("new")}
          </Button>
        )
      }
    >
      <Shown query={query} rows={10}>
        {({ places }) =>
          places.length === 0 ? (
            <Nothing what={say(may("offers.read") ? "none" : "none_mine")} />
          ) : (
            <Flex vertical gap={16}>
              <Times places={places} write={write} />
              {may("offers.read") && <Turnout />}
            </Flex>
          )
        }
      </Shown>
      <Suspense fallback={<Soon />}>
        {code !== null && <Write code={code} readOnly={!writes} close={() => write(null)} />}
      </Suspense>
    </Page>
  );
}

type Place = { service: string; title: Record<string, string>; store: string; store_name: string };

function Times({ places, write }: { places: Place[]; write: (code: string) => void }) {
  const say = useSlots();
  const may = useMay();
  const [language] = useLanguage();
  const now = useNow(60);
  const [filters, set] = useFilters(["service", "store", "day", "from"]);
  const today = dayOf(now);
  const service = places.find((one) => one.service === filters.service) ?? places[0];
  const stores = places.filter((one) => one.service === service?.service);
  const store = stores.find((one) => one.store === filters.store) ?? stores[0];
  const from = DAY.test(filters.from) && dayjs(filters.from).isValid() ? filters.from : today;
  const day = DAY.test(filters.day) && dayjs(filters.day).isValid() ? filters.day : from;
  const reads = may("offers.read");
  if (!service || !store) return null;
  const stepped = (days: number) => dayjs(from).add(days, "day").format("YYYY-MM-DD");
  const named = new Map(places.map((one) => [one.service, one.title[language] ?? one.service]));
  return (
    <>
      <Flex wrap gap={8} align="center">
        <Select
          aria-label={say("service")}
          popupMatchSelectWidth={false}
          value={service.service}
          options={[...named].map(([value, label]) => ({ value, label }))}
          onChange={(chosen: string) => set({ service: chosen, store: "" })}
        />
        <Select
          aria-label={say("store")}
          popupMatchSelectWidth={false}
          value={store.store}
          options={stores.map((one) => ({ value: one.store, label: one.store_name }))}
          onChange={(chosen: string) => set({ store: chosen })}
        />
        <Button
          icon={<LeftOutlined />}
          aria-label={say("before")}
          onClick={() => set({ from: stepped(-7), day: "" })}
        />
        <Button onClick={() => set({ from: "", day: "" })}>{say("today")}</Button>
        <Button
          icon={<RightOutlined />}
          aria-label={say("after")}
          onClick={() => set({ from: stepped(7), day: "" })}
        />
        {reads && (
          <Button onClick={() => write(service.service)}>
            {say(may("settings.write") ? "edit" : "look")}
          </Button>
        )}
      </Flex>
      <Week
        service={service.service}
        store={store.store}
        from={from}
        day={day}
        choose={(chosen) => set({ day: chosen })}
      />
      <Day
        service={service.service}
        store={store.store}
        storeName={store.store_name}
        from={from}
        day={day}
      />
    </>
  );
}

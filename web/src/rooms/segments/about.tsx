import { AutoComplete, Input, Switch } from "antd";
import { api } from "@/api/client";
import type { Said } from "./tree";
import type { Say } from "./words";

/** What it is called, whether it is a band of a layer, whether its members are kept. */
export function About(props: {
  said: Said;
  isNew: boolean;
  readOnly: boolean;
  change: (part: Partial<Said>) => void;
  say: Say;
}) {
  const { said, isNew, readOnly, change, say } = props;
  const { data } = api.useQuery("get", "/api/v1/segments", {}, { staleTime: 60_000 });
  const layers = [...new Set(data?.segments.map((one) => one.layer).filter(Boolean))];
  const { zh, en } = said.title;
  return (
    <section className="panel" aria-label={say("about")}>
      <h2>{say("about")}</h2>
      <div className="seg-fields">
        <Named id="seg-zh" label={say("title_zh")}>
          <Input
            id="seg-zh"
            maxLength={60}
            value={zh}
            disabled={readOnly}
            onChange={(event) => change({ title: { zh: event.target.value, en } })}
          />
        </Named>
        <Named id="seg-en" label={say("title_en")}>
          <Input
            id="seg-en"
            maxLength={60}
            value={en}
            disabled={readOnly}
            onChange={(event) => change({ title: { zh, en: event.target.value } })}
          />
        </Named>
        <Named id="seg-code" label={say("code")} help={say("code_help")}>
          <Input
            id="seg-code"
            maxLength={60}
            value={said.segment}
            disabled={readOnly || !isNew}
            onChange={(event) => change({ segment: event.target.value.trim() })}
          />
        </Named>
        <Named id="seg-layer" label={say("layer")} help={say("layer_help")}>
          <AutoComplete
            id="seg-layer"
            value={said.layer}
            disabled={readOnly}
            options={layers.map((value) => ({ value }))}
            allowClear
            onChange={(layer) => change({ layer: (layer ?? "").trim() })}
          />
        </Named>
        <Named id="seg-live" label={say("live_label")} help={say("live_help")}>
          <Switch
            id="seg-live"
            checked={said.live}
            disabled={readOnly}
            onChange={(live) => change({ live })}
          />
        </Named>
      </div>
    </section>
  );
}

function Named(props: { id: string; label: string; help?: string; children: React.ReactNode }) {
  return (
    <div className="seg-field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.children}
      {props.help && <span className="quiet small">{props.help}</span>}
    </div>
  );
}

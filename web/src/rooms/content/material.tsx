import { Alert, Button, Flex, Tabs, Tag } from "antd";
import { useParams } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Shown as Asked } from "@/ui/states";
import { When } from "@/ui/value";
import { Acts } from "./acts";
import { useChecked } from "./checked";
import { Did } from "./did";
import { read, type Shown, textOf } from "./draft";
import { Owner, Parts, ReviewState, Valid } from "./parts";
import { Preview } from "./preview";
import { Texts } from "./texts";
import { Uses } from "./uses";
import { Versions } from "./versions";
import { useContent } from "./words";
import "./content.css";

export const OWN = "own"; // what no playbook has brought

/** One material: what it says in both languages, how it stands, and what it does. */
export function Component() {
  const { code = "" } = useParams();
  const say = useContent();
  const [{ version }] = useFilters(["version"]);
  const query = api.useQuery("get", "/api/v1/materials/{code}", {
    params: { path: { code }, query: version ? { version: Number(version) } : {} },
  });
  if (query.data) return <Material key={code} of={query.data} />;
  return (
    <Page title={say("title")}>
      <Asked query={query}>{() => null}</Asked>
    </Page>
  );
}

function Material({ of }: { of: Shown }) {
  const say = useContent();
  const may = useMay();
  const [{ tab }, set] = useFilters(["tab", "version"]);
  const { material } = of;
  const tabs = [
    { key: "texts", label: say("tab_texts") },
    { key: "versions", label: say("tab_versions") },
    ...(may("reports.read") ? [{ key: "did", label: say("tab_did") }] : []),
  ];
  return (
    <Page
      title={material.title || material.code}
      under={<Under of={of} />}
      primary={<Acts of={of} />}
    >
      <Flex vertical gap={12}>
        {material.retired_at && <Alert type="warning" showIcon title={say("retired_note")} />}
        {material.playbook !== OWN && material.playbook && may("content.write") && (
          <Alert type="info" showIcon title={say("playbook_note", { name: material.playbook })} />
        )}
        {of.version !== material.version && (
          <Alert
            type="info"
            showIcon
            title={say("shows_version", { version: of.version, newest: material.version })}
            action={
              <Button size="small" onClick={() => set({ version: "" })}>
                {say("to_newest")}
              </Button>
            }
          />
        )}
        <Tabs
          activeKey={tabs.some((one) => one.key === tab) ? tab : "texts"}
          onChange={(key) => set({ tab: key === "texts" ? "" : key })}
          items={tabs}
        />
        {tab === "versions" && <Versions of={of} />}
        {tab === "did" && <Did code={material.code} />}
        {tab !== "versions" && tab !== "did" && (
          <div className="content-material">
            <div className="content-main">
              <Said of={of} />
              <Parts of={of} />
            </div>
            <aside className="content-side">
              <Preview code={material.code} />
              <Uses code={material.code} />
            </aside>
          </div>
        )}
      </Flex>
    </Page>
  );
}

/** What it says, and what the lint finds at its lines. */
function Said({ of }: { of: Shown }) {
  const say = useContent();
  const text = textOf(of);
  const checked = useChecked(text);
  const said = read(text);
  const found = [...checked.wrong, ...checked.better];
  return (
    <section className="panel" aria-label={say("tab_texts")}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <h2>{say("tab_texts")}</h2>
        <span role="status" className={found.length ? "tone-waits" : "quiet"}>
          {checked.known ? verdict(checked.wrong.length, checked.better.length) : say("checking")}
        </span>
      </Flex>
      {said && <Texts said={said} placed={found} />}
    </section>
  );

  function verdict(wrong: number, better: number): string {
    if (wrong) return say("wrong", { count: wrong });
    return better ? say("better", { count: better }) : say("nothing_better");
  }
}

function Under({ of: { material, version, versions } }: { of: Shown }) {
  const say = useContent();
  const code = useCode();
  const shown = versions.find((one) => one.version === version);
  return (
    <Flex gap={8} wrap align="center" component="span">
      <code>{material.code}</code>
      <span>{code("material_kind", material.kind)}</span>
      <span>{code("channel", material.channel)}</span>
      <span>{say("version_n", { version })}</span>
      <ReviewState
        of={{ state: shown?.state ?? material.state, retired_at: material.retired_at }}
      />
      <Valid of={material} />
      {material.owner && (
        <span>
          {say("owner")} <Owner of={material} />
        </span>
      )}
      {material.playbook && material.playbook !== OWN && (
        <span data-raw>{say("playbook", { name: material.playbook })}</span>
      )}
      {material.made_at && (
        <span>
          <When at={material.made_at} />{" "}
          <span data-raw>{say("by", { who: material.made_by })}</span>
        </span>
      )}
      {material.tags.map((one) => (
        <Tag key={one} data-raw>
          {one}
        </Tag>
      ))}
    </Flex>
  );
}

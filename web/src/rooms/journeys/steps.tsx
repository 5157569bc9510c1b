import { Button, Table } from "antd";
import type { SchemaGraph, SchemaNode } from "@/api/schema";
import { summary, useTongue, way } from "./said";

/** The same as a list: for whoever does not see a drawing, or wants its figures below each other. */
export function Steps(props: {
  graph: SchemaGraph;
  live: boolean;
  choose: (node: string, show?: string) => void;
}) {
  const { graph, live, choose } = props;
  const tongue = useTongue();
  const { say, many } = tongue;
  const figure = (
    name: "now" | "passed" | "sent" | "withheld" | "ended" | "parked",
    tone = "",
  ) => ({
    title: say(name),
    align: "right" as const,
    className: "money",
    render: (_: unknown, node: SchemaNode) =>
      node[name] === 0 ? (
        <span className="quiet">0</span>
      ) : (
        <Button
          type="link"
          size="small"
          className={tone}
          onClick={() => choose(node.id, name)}
          aria-label={`${node.id} · ${say(name)} ${many(node[name])}`}
        >
          {many(node[name])}
        </Button>
      ),
  });
  return (
    <Table<SchemaNode>
      aria-label={say("steps_of", { title: tongue.in(graph.title) })}
      size="small"
      rowKey="id"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={graph.nodes}
      columns={[
        {
          title: say("step"),
          render: (_, node) => (
            <Button type="link" size="small" onClick={() => choose(node.id)}>
              {tongue.in(node.title)} <code>{node.id}</code>
            </Button>
          ),
        },
        {
          title: say("says"),
          render: (_, node) => <span className="journey-cell">{summary(node, tongue)}</span>,
        },
        ...(live
          ? [
              figure("now", "tone-ours"),
              figure("passed"),
              figure("sent"),
              figure("withheld", "tone-waits"),
              figure("ended"),
              figure("parked", "tone-harm"),
            ]
          : []),
        {
          title: say("leads_to"),
          render: (_, node) => (
            <span className="journey-cell">
              {graph.edges
                .filter((one) => one.source === node.id)
                .map((one) => {
                  const word = way(one, tongue);
                  return (
                    <span
                      key={`${one.to} ${one.code} ${one.name} ${word}`}
                      className="journey-leads"
                    >
                      {word && <span className="quiet">{word} → </span>}
                      <code>{one.to}</code>
                    </span>
                  );
                })}
            </span>
          ),
        },
      ]}
    />
  );
}

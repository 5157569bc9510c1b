import { Alert, Flex, Select, Statistic, Table, Tag } from "antd";
import type { components } from "@/api/schema";
import { count } from "@/ui/format";
import { useLanguage } from "@/ui/words";
import { about, type FieldName, type Kind, useLists } from "./words";

type Found = components["schemas"]["ListLook"];
type Column = Found["columns"][number];
type Reason = Found["reasons"][number];

/** How the file is read, and what it would say; nothing of it is told yet. */
export function Look(props: {
  found: Found;
  kind: Kind;
  free: boolean;
  read: (field: string, column: string) => void;
}) {
  const { found, kind, free, read } = props;
  const say = useLists();
  const [language] = useLanguage();
  const figures = [
    ["here", found.here],
    ["fresh", found.fresh],
    ...(kind === "blacklist" ? [] : ([["known", found.known]] as const)),
    ["unusable", found.refused],
  ] as const;
  return (
    <Flex vertical gap={12}>
      {found.missing.map((one) => (
        <Alert key={one} type="warning" showIcon title={say(`missing_${one as "who" | "tag"}`)} />
      ))}
      <Table<Column>
        aria-label={say("columns")}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={found.columns}
        rowKey="name"
        columns={[
          {
            key: "name",
            title: say("column_of"),
            render: (_, one) => <span data-raw>{one.name}</span>,
          },
          {
            key: "field",
            title: say("read_as"),
            render: (_, one) => (
              <Select
                aria-label={`${say("read_as")} ${one.name}`}
                size="small"
                style={{ width: 180 }}
                value={one.field}
                disabled={!free}
                options={["", ...found.fields].map((value) => ({
                  value,
                  label: value ? say(`f_${value as FieldName}`) : say("not_read"),
                }))}
                onChange={(field) => read(field, one.name)}
              />
            ),
          },
          {
            key: "samples",
            title: say("samples"),
            className: "number",
            render: (_, one) => <span data-raw>{one.samples.join(" · ")}</span>,
          },
        ]}
      />
      <Flex gap={40} wrap>
        {figures.map(([name, many]) => (
          <Statistic
            key={name}
            title={say(name)}
            value={many}
            formatter={() => count(many, language)}
            {...(name === "unusable" && many > 0 ? { className: "tone-waits" } : {})}
          />
        ))}
      </Flex>
      {Object.keys(found.tags).length > 1 && (
        <Flex gap={4} wrap>
          {Object.entries(found.tags).map(([tag, many]) => (
            <Tag key={tag} data-raw>
              {tag} {count(many, language)}
            </Tag>
          ))}
        </Flex>
      )}
      {found.reasons.length > 0 && (
        <Table<Reason>
          aria-label={say("reasons")}
          size="small"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={found.reasons}
          rowKey={(one) => `${one.field} ${one.why}`}
          columns={[
            {
              key: "field",
              title: say("column"),
              render: (_, one) => <span data-raw>{about(one.field, say)}</span>,
            },
            { key: "why", title: say("why"), render: (_, one) => <span data-raw>{one.why}</span> },
            {
              key: "rows",
              title: say("rows"),
              align: "right",
              className: "money",
              render: (_, one) => count(one.rows, language),
            },
          ]}
        />
      )}
    </Flex>
  );
}

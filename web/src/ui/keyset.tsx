import { Button, Flex, Table, type TableProps } from "antd";
import type { ReactNode } from "react";
import { Failed, Shown } from "./states";
import { useStates } from "./states.words";

type Pages<Answer> = {
  data: { pages: Answer[] } | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
};

/** A list that goes by cursors: as many pages as were asked for, one below the other. */
export function Keyset<Answer, Row extends object>(props: {
  query: Pages<Answer>;
  rows: (answer: Answer) => readonly Row[];
  columns: TableProps<Row>["columns"];
  rowKey: (row: Row) => string;
  empty: ReactNode;
  label: string;
  table?: TableProps<Row>;
}) {
  const { query, rows, columns, rowKey, empty, label, table } = props;
  const say = useStates();
  return (
    <Shown query={query}>
      {({ pages }) => {
        const all = pages.flatMap((page) => [...rows(page)]);
        if (all.length === 0 && !query.hasNextPage) return <>{empty}</>;
        return (
          <Flex vertical gap={12}>
            <Table<Row>
              aria-label={label}
              size="small"
              columns={columns}
              dataSource={all}
              rowKey={rowKey}
              pagination={false}
              scroll={{ x: "max-content" }}
              {...table}
            />
            {query.isFetchNextPageError && <Failed error={query.error} />}
            {query.hasNextPage && (
              <Button onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
                {say("more")}
              </Button>
            )}
          </Flex>
        );
      }}
    </Shown>
  );
}

/**
 * The rest of a list's query: `api.useInfiniteQuery("get", path, init, byCursor)`. A list is at its end
 * when it gives no cursor, or the same one again.
 */
export const byCursor = {
  pageParamName: "after",
  initialPageParam: "",
  getNextPageParam: (last: unknown, _pages: unknown, before: unknown) => {
    const { next } = last as { next?: string | null };
    return next && next !== before ? next : undefined;
  },
} as const;

import { DownloadOutlined } from "@ant-design/icons";
import { Button, Flex } from "antd";
import type { ReactNode } from "react";
import { save } from "@/ui/file";
import { csv } from "./csv";
import { useDry } from "./dry.words";

export type Cell = string | number;

/** A part of the answer with its table, also as a file; `none`: what it says where there is no row. */
export function Part(props: {
  title: string;
  why?: string;
  none?: string;
  file: string;
  heads: string[];
  rows: Cell[][];
  children: ReactNode;
}) {
  const { title, why, none, file, heads, rows, children } = props;
  const say = useDry();
  return (
    <section className="panel" aria-label={title}>
      <Flex vertical gap={8}>
        <Flex justify="space-between" align="center" gap={8}>
          <h2 className="dry-h2">{title}</h2>
          {rows.length > 0 && (
            <Button
              size="small"
              type="text"
              icon={<DownloadOutlined />}
              onClick={() => save(`dry-run-${file}.csv`, csv([heads, ...rows]))}
            >
              {say("csv")}
            </Button>
          )}
        </Flex>
        {why && <span className="quiet">{why}</span>}
        {rows.length > 0 ? children : none && <span className="quiet">{none}</span>}
      </Flex>
    </section>
  );
}

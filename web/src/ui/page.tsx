import { Flex, Typography } from "antd";
import { type ReactNode, useEffect } from "react";

/** A page: one question as its title, one primary action at the same place. */
export function Page(props: {
  title: string;
  under?: ReactNode;
  primary?: ReactNode;
  children: ReactNode;
}) {
  const { title, under, primary, children } = props;
  useEffect(() => {
    document.title = `${title} · 私域 Siyu`;
  }, [title]);
  return (
    <main className="page" id="main">
      <Flex justify="space-between" align="flex-start" gap={16} wrap className="page-head">
        <div>
          <Typography.Title level={1}>{title}</Typography.Title>
          {under && <Typography.Text type="secondary">{under}</Typography.Text>}
        </div>
        {primary && <div className="page-primary">{primary}</div>}
      </Flex>
      {children}
    </main>
  );
}

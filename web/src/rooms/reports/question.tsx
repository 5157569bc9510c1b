import { DownloadOutlined, FileTextOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { Alert, Button, Drawer, Flex, Space } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useParams } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { PALETTE } from "@/ui/palette";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { useColours, useMode } from "@/ui/theme";
import { When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { KeepBands } from "./bands";
import { type Chart as Drawn, drawable, draws, HEIGHT, UNDRAWN } from "./drawn";
import { Inputs } from "./inputs";
import type { Caption } from "./picture";
import { untilReady } from "./report";
import "./reports.css";
import { Rows } from "./rows";
import { Whom } from "./whom";
import { useReports } from "./words";

const Chart = lazy(() => import("./chart").then((found) => ({ default: found.Chart })));

type Answer = components["schemas"]["ReportAnswer"];
type Form = components["schemas"]["ReportForm"];

/** The one page of every report over years: question, answer, charts, tables, and what they mean. */
export function Component() {
  const say = useReports();
  const { name = "" } = useParams();
  const list = api.useQuery("get", "/api/v1/reports/figures", {}, { staleTime: 300_000 });
  const form = list.data?.reports.find((one) => one.name === name);
  if (form) return <Question key={name} form={form} />;
  return (
    <Page title={say("all")}>
      <Shown query={list} rows={12}>
        {() => <Nothing what={say("no_report")} />}
      </Shown>
    </Page>
  );
}

function Question({ form }: { form: Form }) {
  const say = useReports();
  const [language] = useLanguage();
  const [filters, set] = useFilters(form.inputs.map((one) => one.name));
  const asked = Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
  const [{ cells }, open] = useFilters(["cells"]);
  const query = api.useQuery(
    "get",
    "/api/v1/reports/figures/{name}",
    // what it can be asked with is in the list, and not in the types
    { params: { path: { name: form.name }, query: asked as Record<string, never> } },
    untilReady,
  );
  const told = query.data;
  const report = told?.report ?? undefined;
  return (
    <Page
      title={form.title[language]}
      under={<Under report={report} />}
      primary={
        <Space wrap>
          {form.name === "rfm" && report && <KeepBands asked={asked} />}
          <Files name={form.name} asked={asked} />
        </Space>
      }
    >
      <Flex vertical gap={16}>
        {form.inputs.length > 0 && <Inputs inputs={form.inputs} asked={asked} ask={set} />}
        {told?.state === "working" && (
          <Alert
            type="info"
            showIcon
            role="status"
            title={say(report ? "working" : "working_first", { seconds: Math.round(told.seconds) })}
          />
        )}
        <Shown query={query} rows={12}>
          {() => {
            if (told?.refused) return <Nothing what={told.refused[language]} />;
            return (
              report && (
                <Whole
                  name={form.name}
                  title={form.title[language]}
                  report={report}
                  open={(cells) => open({ cells })}
                />
              )
            );
          }}
        </Shown>
      </Flex>
      {cells && (
        <Whom name={form.name} asked={asked} cells={cells} close={() => open({ cells: "" })} />
      )}
    </Page>
  );
}

function usePeriod(): (report: Answer) => string {
  const say = useReports();
  return ({ period: { first, last } }) => {
    if (first && last) return say("span", { first, last });
    if (last) return say("span_to", { last });
    return first ? say("span_from", { first }) : "";
  };
}

function Under({ report }: { report: Answer | undefined }) {
  const say = useReports();
  const [language] = useLanguage();
  const [open, setOpen] = useState(false);
  const period = usePeriod();
  if (!report) return null;
  return (
    <>
      <Space size={4} wrap separator="·">
        {period(report)}
        {report.population[language]}
        <span>
          {say("as_of")} <When at={report.fresh.as_of} />
        </span>
        {report.fresh.waiting > 0 && <span>{say("waiting", { count: report.fresh.waiting })}</span>}
        <Button
          type="link"
          size="small"
          className="report-definitions"
          icon={<QuestionCircleOutlined />}
          onClick={() => setOpen(true)}
        >
          {say("definitions")}
        </Button>
      </Space>
      <Drawer title={say("definitions")} open={open} onClose={() => setOpen(false)} size={420}>
        <p>{report.definition[language]}</p>
        <dl className="report-terms">
          <dt>{say("of_whom")}</dt>
          <dd className="quiet">{report.population[language]}</dd>
        </dl>
      </Drawer>
    </>
  );
}

function Files({ name, asked }: { name: string; asked: Record<string, string> }) {
  const say = useReports();
  const [language] = useLanguage();
  const query = new URLSearchParams({ ...asked, lang: language });
  const path = `/api/v1/reports/figures/${name}`;
  return (
    <Space wrap>
      <Button icon={<FileTextOutlined />} href={`${path}.html?${query}`} download>
        {say("html")}
      </Button>
      <Button type="primary" icon={<DownloadOutlined />} href={`${path}.csv?${query}`} download>
        {say("csv")}
      </Button>
    </Space>
  );
}

function Whole(props: {
  name: string;
  title: string;
  report: Answer;
  open: (cells: string) => void;
}) {
  const { name, title, report, open } = props;
  const people = useMemo(
    () => new Map(report.people.map((one) => [one.customer, one])),
    [report.people],
  );
  const [language] = useLanguage();
  const period = usePeriod();
  const caption = (chart: Drawn): Caption => ({
    title,
    lines: [
      [period(report), report.population[language]].filter(Boolean).join(" · "),
      `${chart.title[language]}${language === "zh" ? "：" : ": "}${report.definition[language]}`,
    ],
    file: `siyu-${name}-${chart.name}.png`,
  });
  return (
    <>
      <p className="report-answer">{report.answer[language]}</p>
      {report.charts.map((chart) => (
        <section key={chart.name} className="panel">
          <h2>{chart.title[language]}</h2>
          {drawable(report, chart) ? (
            <Suspense fallback={<Soon height={HEIGHT} />}>
              <Picture report={report} chart={chart} caption={caption(chart)} />
            </Suspense>
          ) : (
            <Nothing what={UNDRAWN[language]} />
          )}
        </section>
      ))}
      {report.tables.map((table) => (
        <Rows
          key={table.name}
          table={table}
          currency={report.currency}
          people={people}
          open={open}
        />
      ))}
      {report.notes.length > 0 && (
        <ul className="quiet report-notes">
          {report.notes.map((one) => (
            <li key={one.en}>{one[language]}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Picture(props: { report: Answer; chart: Drawn; caption: Caption }) {
  const { report, chart, caption } = props;
  const [language] = useLanguage();
  const [mode] = useMode();
  const colours = useColours();
  const option = useMemo(() => {
    const ground = mode === "dark" ? "#141414" : "#ffffff";
    return draws(report, chart, language, { ...colours, ground, palette: PALETTE });
  }, [report, chart, language, colours, mode]);
  return <Chart option={option} height={HEIGHT} label={chart.title[language]} caption={caption} />;
}

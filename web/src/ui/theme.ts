import { type ThemeConfig, theme } from "antd";
import { useSyncExternalStore } from "react";
import { COLOURS, PALETTE } from "./palette";

export { COLOURS, PALETTE };

export type Mode = keyof typeof COLOURS;

const FONT =
  '"PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif';

/** `still`: nothing moves, for whom moving pictures harm. */
export function themeOf(mode: Mode, still: boolean): ThemeConfig {
  const colour = COLOURS[mode];
  const dark = mode === "dark";
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? "#14a396" : colour.ours,
      colorLink: colour.ours,
      colorInfo: colour.ours,
      colorSuccess: colour.ours,
      colorWarning: colour.waits,
      colorError: colour.harm,
      colorText: colour.ink,
      colorTextSecondary: dark ? "#b4bdc6" : "#4a5560",
      colorTextTertiary: colour.out,
      colorTextDescription: colour.out,
      colorTextPlaceholder: dark ? "#9aa4ae" : "#66707a",
      colorBgLayout: dark ? "#14181c" : "#f6f6f3",
      fontFamily: FONT,
      fontSize: 14,
      borderRadius: 6,
      motion: !still,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
    },
    components: {
      // On the bright colours of the dark page, dark words are the ones that can be read.
      Button: dark ? { primaryColor: "#000c0a", dangerColor: "#330b07" } : {},
      Table: { cellPaddingBlockMD: 8, cellPaddingBlockSM: 6, headerBg: "transparent" },
      Tabs: { itemSelectedColor: colour.ours, itemHoverColor: colour.ours },
      Layout: { headerBg: "transparent", siderBg: "transparent" },
    },
  };
}

const REMEMBERED = "siyu.mode";
const asked = () => window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function current(): Mode {
  const kept = localStorage.getItem(REMEMBERED);
  if (kept === "light" || kept === "dark") return kept;
  return asked().matches ? "dark" : "light";
}

function listen(changed: () => void): () => void {
  const query = asked();
  query.addEventListener("change", changed);
  listeners.add(changed);
  return () => {
    query.removeEventListener("change", changed);
    listeners.delete(changed);
  };
}

/** Light or dark: what this browser was told, else what its system prefers. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const mode = useSyncExternalStore(listen, current);
  const set = (next: Mode) => {
    localStorage.setItem(REMEMBERED, next);
    for (const changed of listeners) changed();
  };
  return [mode, set];
}

const less = () => window.matchMedia("(prefers-reduced-motion: reduce)");

function listenLess(changed: () => void): () => void {
  const query = less();
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Whether this system asks for pages in which nothing moves. */
export function useStill(): boolean {
  return useSyncExternalStore(listenLess, () => less().matches);
}

/** The colours with a meaning, for what Ant Design does not draw. */
export function useColours(): (typeof COLOURS)[Mode] {
  const [mode] = useMode();
  return COLOURS[mode];
}

/** Teal is action and ours, amber waits or is withheld, red is harm, grey is out of scope. */
export const COLOURS = {
  light: { ours: "#0f766e", waits: "#9a5b00", harm: "#b42318", out: "#5c6670", ink: "#1c2430" },
  dark: { ours: "#2dd4bf", waits: "#f5b454", harm: "#ff8f85", out: "#9aa4ae", ink: "#e6eaee" },
} as const;

/** One categorical palette that colour-blind people can tell apart (Okabe and Ito, 2008). */
export const PALETTE = [
  "#0f766e",
  "#e69f00",
  "#56b4e9",
  "#cc79a7",
  "#0072b2",
  "#d55e00",
  "#8a8f98",
];

/** What can be drawn. */
export const plotKinds = [
  "curves",
  "leaderboard",
  "confusion",
  "difference",
  "calibration",
  "importance",
  "pareto",
] as const;

/** One of the plots. */
export type PlotKind = (typeof plotKinds)[number];

/** What can be drawn. */
export const plotKinds = ["curves", "leaderboard", "confusion", "difference"] as const;

/** One of the plots. */
export type PlotKind = (typeof plotKinds)[number];

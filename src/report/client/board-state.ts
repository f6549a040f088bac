import { flagState, listState, textState } from "./view-state.ts";

/** What the leaderboard is sorted by: a key, with a minus before it for the largest first. */
export const boardSort = textState("sort", "rank");

/** Key of the dimension whose values head groups; empty = no groups. */
export const boardGroup = textState("group");

/** Whether columns are hidden in which all shown configurations are alike. */
export const onlyDiffering = flagState("differ", true);

/** Whether all figures are shown, or those that most readers look for. */
export const hasAllFigures = flagState("all");

/** The figure whose intervals are drawn. */
export const drawnFigure = textState("draw", "testAccuracy");

/** Beginnings of the ids of unfolded configurations. */
export const unfolded = listState("open");

import type { JSX } from "preact";
import { CalibrationSection } from "./calibration-section.tsx";
import { ConfusionSection } from "./confusion-section.tsx";
import { CostSection } from "./cost-section.tsx";
import { CurvesSection } from "./curves-section.tsx";
import { DifferenceSection } from "./difference-section.tsx";
import { GallerySection } from "./gallery-section.tsx";
import { gridDimensions, HeatSection } from "./heat-section.tsx";
import { ImportanceSection } from "./importance-section.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import type { Model } from "./model.ts";
import { NightlySection } from "./nightly-section.tsx";
import { ParallelSection } from "./parallel-section.tsx";
import { Provenance } from "./provenance.tsx";
import { ScatterSection } from "./scatter-section.tsx";
import { SettingsSection } from "./settings-section.tsx";

/** A part of the report. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly View: (props: { readonly model: Model }) => JSX.Element | null;
  readonly isShown: (model: Model) => boolean;
}

const hasBlocks = (kind: string) => (model: Model) => model.data.blocks.some((block) => block.kind === kind);
const hasSeveral = ({ entries }: Model): boolean => entries.length > 1;
const countFinished = ({ data }: Model): number => data.comparison.trialCounts.finished;

/** The parts of the report in the order of the page. */
export const sections: readonly Section[] = [
  {
    id: "leaderboard",
    title: "Leaderboard",
    hint: "Mean ± sample standard deviation over the finished seeds; unfold a row to see each seed, why one failed, and what can be done with it. Ticked ones are drawn in colour everywhere. Drawn: the 95 % interval of the mean (bar), the mean (line), each seed (dot); an arrow points out of the scale.",
    View: Leaderboard,
    isShown: () => true,
  },
  {
    id: "curves",
    title: "Learning curves",
    hint: "Training figures are means over an epoch while the weights change; validation and test are measured after it.",
    View: CurvesSection,
    isShown: hasBlocks("curves"),
  },
  {
    id: "parallel",
    title: "Parallel coordinates",
    hint: "Each line is a configuration.",
    View: ParallelSection,
    isShown: (model) => hasSeveral(model) && model.data.comparison.columns.length > 0,
  },
  {
    id: "scatter",
    title: "Trade-offs",
    hint: "Any two against each other; each dot is a configuration.",
    View: ScatterSection,
    isShown: (model) => hasSeveral(model) && countFinished(model) > 0,
  },
  {
    id: "heat",
    title: "Grid of two parameters",
    hint: "Each cell has its best configuration; the stronger its colour, the better. A click on a cell filters all views by it.",
    View: HeatSection,
    isShown: (model) => gridDimensions(model).length > 1 && countFinished(model) > 0,
  },
  {
    id: "importance",
    title: "What matters",
    hint: "How much of the spread between trials each swept field explains.",
    View: ImportanceSection,
    isShown: ({ data }) => data.comparison.importance !== undefined,
  },
  {
    id: "confusion",
    title: "Confusion matrix",
    hint: "Test examples by true class (rows) and predicted class (columns), of a configuration summed over its seeds or of one trial.",
    View: ConfusionSection,
    isShown: hasBlocks("counts"),
  },
  {
    id: "difference",
    title: "Difference of two",
    hint: "Where A decides differently from B. Sums over seeds are divided by the number of trials first.",
    View: DifferenceSection,
    isShown: (model) => hasBlocks("counts")(model) && countFinished(model) > 1,
  },
  {
    id: "calibration",
    title: "Calibration",
    hint: "Each curve is the best seed of a configuration; on the dashed line, predictions are right as often as they claim. Large dots hold many test examples; upright lines, of up to three curves or the one that is pointed at, are 95 % intervals.",
    View: CalibrationSection,
    isShown: ({ data }) => (data.calibrations ?? []).length > 0,
  },
  {
    id: "settings",
    title: "Two configurations",
    hint: "Field by field, with everything that was filled in.",
    View: SettingsSection,
    isShown: hasSeveral,
  },
  {
    id: "nightly",
    title: "Nights",
    hint: "The benchmark of this experiment night by night, with what `nightsweep check` says of each.",
    View: NightlySection,
    isShown: ({ data }) => data.nightly !== undefined,
  },
  {
    id: "cost",
    title: "Time and cost",
    hint: "What the run used up.",
    View: CostSection,
    isShown: () => true,
  },
  {
    id: "images",
    title: "Images",
    hint: "Examples as they are stored, before they are prepared for the model.",
    View: GallerySection,
    isShown: ({ data }) => data.gallery !== undefined,
  },
  {
    id: "provenance",
    title: "Provenance",
    hint: "What the figures were made from, and the commands that make them again.",
    View: Provenance,
    isShown: () => true,
  },
];

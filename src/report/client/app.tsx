import type { ReportData } from "../report-data.ts";
import { ConfusionSection } from "./confusion-section.tsx";
import { CurvesSection } from "./curves-section.tsx";
import { DifferenceSection } from "./difference-section.tsx";
import { GallerySection } from "./gallery-section.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import { Masthead } from "./masthead.tsx";
import { Provenance } from "./provenance.tsx";

/** The whole report. */
export function App({ data }: { readonly data: ReportData }) {
  const sections = sectionsOf(data);
  return (
    <div class="page">
      <a class="skip" href="#leaderboard">
        Skip to the leaderboard
      </a>
      <Masthead data={data} />
      <nav class="sections" aria-label="Sections">
        {sections.map(({ id, title }) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
      </nav>
      <main>
        {sections.map(({ id, title, hint, View }) => (
          <section key={id} id={id} aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            <p class="hint">{hint}</p>
            <View data={data} />
          </section>
        ))}
      </main>
      <footer>Made by nightsweep. Everything shown is inside this file; nothing is loaded from anywhere.</footer>
    </div>
  );
}

function sectionsOf({ curves, confusions, gallery }: ReportData) {
  return [
    {
      id: "leaderboard",
      title: "Leaderboard",
      hint: "Mean ± sample standard deviation over the finished seeds; unfold a row to see each seed and why one failed. Drawn: the 95 % interval of the mean (bar), the mean (line), each seed (dot); an arrow points out of the scale.",
      View: Leaderboard,
      isShown: true,
    },
    {
      id: "curves",
      title: "Learning curves",
      hint: "Training figures are means over an epoch while the weights change; validation and test are measured after it.",
      View: CurvesSection,
      isShown: curves.configurations.length > 0,
    },
    {
      id: "confusion",
      title: "Confusion matrix",
      hint: "Test examples by true class (rows) and predicted class (columns), of a configuration summed over its seeds or of one trial.",
      View: ConfusionSection,
      isShown: confusions.length > 0,
    },
    {
      id: "difference",
      title: "Difference of two",
      hint: "Where A decides differently from B. Sums over seeds are divided by the number of trials first.",
      View: DifferenceSection,
      isShown: confusions.length > 1,
    },
    {
      id: "images",
      title: "Images",
      hint: "Examples as they are stored, before they are prepared for the model.",
      View: GallerySection,
      isShown: gallery !== undefined,
    },
    {
      id: "provenance",
      title: "Provenance",
      hint: "What the figures were made from.",
      View: Provenance,
      isShown: true,
    },
  ].filter(({ isShown }) => isShown);
}

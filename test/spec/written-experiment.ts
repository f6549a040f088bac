/** The four sections that every experiment needs, as one may write them. */
const sections = {
  name: "name: cnn",
  data: "data:\n  dataset: mnist",
  model: "model:\n  layers:\n    - flatten\n    - dense: { units: 10, activation: softmax }",
  training: "training:\n  epochs: 5",
};

/** Where ▶ stood in a text, as line and column from 1. */
export interface Mark {
  readonly line: number;
  readonly column: number;
}

/**
 * The text of a valid experiment with some sections written differently, or further ones.
 * @param changed sections by name, each with its key; an empty text leaves a section out
 */
export function writeExperiment(changed: Readonly<Record<string, string>>): string {
  return Object.values({ ...sections, ...changed })
    .filter((text) => text !== "")
    .map((text) => `${text}\n`)
    .join("");
}

/** Takes the marks ▶ out of a text and tells where they stood. */
export function takeMarks(marked: string): { readonly text: string; readonly marks: readonly Mark[] } {
  const parts = marked.split("▶");
  const marks = parts.slice(0, -1).map((_, index) => {
    const before = parts.slice(0, index + 1).join("");
    const lines = before.split("\n");
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  });
  return { text: parts.join(""), marks };
}

import { type ParsedSection, parseSection, type SectionName } from "../spec/parse-section.ts";
import type { YamlValue } from "../spec/schema/experiment.ts";
import { readAtPath } from "../spec/sweep-path.ts";
import { documentAt } from "../spec/sweep/sweep-points.ts";
import type { Choice, SweepPoint } from "../spec/sweep/sweep-space.ts";
import { canonicalJson } from "./canonical-json.ts";

/** One point of the sweep, every section checked. Points that differ elsewhere share a section's object. */
export interface GridPoint {
  readonly point: SweepPoint;
  readonly sections: { readonly [Name in SectionName]: ParsedSection<Name> };
}

/**
 * Checks the sections of all points of a sweep.
 * A section is checked once for each combination of the values that are swept in it, not once for each point.
 */
export function* expandSweep(document: YamlValue, points: Iterable<SweepPoint>): Generator<GridPoint> {
  const contentOf = createContentNumbers();
  const data = sectionVariants("data", document, contentOf);
  const model = sectionVariants("model", document, contentOf);
  const training = sectionVariants("training", document, contentOf);
  const evaluation = sectionVariants("evaluation", document, contentOf);
  for (const point of points)
    yield {
      point,
      sections: { data: data(point), model: model(point), training: training(point), evaluation: evaluation(point) },
    };
}

/** The point's values that belong to a section, as a key: equal for equal values, wherever they are written. */
export function createContentKey(section: SectionName): (point: SweepPoint) => string {
  return contentKey(section, createContentNumbers());
}

function contentKey(section: SectionName, contentOf: (choice: Choice) => number): (point: SweepPoint) => string {
  return (point) => {
    const numbers: number[] = [];
    for (const choice of point) if (choice.axis.section === section) numbers.push(contentOf(choice));
    return numbers.length < 2 ? String(numbers[0] ?? "") : numbers.sort((a, b) => a - b).join();
  };
}

/** Numbers the different assignments of a sweep: the same path and value give the same number. */
function createContentNumbers(): (choice: Choice) => number {
  const byChoice = new Map<Choice, number>();
  const byContent = new Map<string, number>();
  return (choice) => {
    const known = byChoice.get(choice);
    if (known !== undefined) return known;
    const content = `${choice.axis.text} ${canonicalJson(choice.value)}`;
    const number = byContent.get(content) ?? byContent.size;
    byContent.set(content, number);
    byChoice.set(choice, number);
    return number;
  };
}

function sectionVariants<Name extends SectionName>(
  name: Name,
  document: YamlValue,
  contentOf: (choice: Choice) => number,
): (point: SweepPoint) => ParsedSection<Name> {
  const keyOf = contentKey(name, contentOf);
  const known = new Map<string, ParsedSection<Name>>();
  return (point) => {
    const key = keyOf(point);
    const found = known.get(key);
    if (found) return found;
    const own = point.filter(({ axis }) => axis.section === name);
    const variant = parseSection(name, readAtPath(documentAt(document, own), [name]));
    known.set(key, variant);
    return variant;
  };
}

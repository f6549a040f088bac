import { type ParsedSection, parseSection, type SectionName } from "../spec/parse-section.ts";
import type { YamlValue } from "../spec/schema/experiment.ts";
import { readAtPath, setAtPath } from "../spec/sweep-path.ts";
import type { SweepAxis } from "./sweep-axes.ts";

/** One point of the grid, every section checked. Points that differ elsewhere share a section's object. */
export interface GridPoint {
  /** For each axis, the index of its value. */
  readonly digits: readonly number[];
  readonly sections: { readonly [Name in SectionName]: ParsedSection<Name> };
}

/**
 * Goes through all combinations of the axes' values, the first axis slowest.
 * A section is checked once for each combination of the axes that point into it, not once for each point.
 */
export function* expandGrid(document: YamlValue, axes: readonly SweepAxis[]): Generator<GridPoint> {
  const data = sectionVariants("data", document, axes);
  const model = sectionVariants("model", document, axes);
  const training = sectionVariants("training", document, axes);
  const evaluation = sectionVariants("evaluation", document, axes);
  for (const digits of combinations(axes.map((axis) => axis.values.length)))
    yield {
      digits,
      sections: {
        data: data(digits),
        model: model(digits),
        training: training(digits),
        evaluation: evaluation(digits),
      },
    };
}

/** All lists of one index below each size, the last one fastest; a single empty list if there are no sizes. */
function* combinations(sizes: readonly number[]): Generator<readonly number[]> {
  const count = sizes.reduce((product, size) => product * size, 1);
  const digits = sizes.map(() => 0);
  for (let number = 0; number < count; number++) {
    let rest = number;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] ?? 1;
      digits[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    yield [...digits];
  }
}

function sectionVariants<Name extends SectionName>(
  name: Name,
  document: YamlValue,
  axes: readonly SweepAxis[],
): (digits: readonly number[]) => ParsedSection<Name> {
  const known = new Map<string, ParsedSection<Name>>();
  const own = axes.map((axis, index) => ({ axis, index })).filter(({ axis }) => axis.section === name);
  return (digits) => {
    const key = own.map(({ index }) => digits[index]).join();
    const variant = known.get(key) ?? parseVariant(name, document, own, digits);
    known.set(key, variant);
    return variant;
  };
}

function parseVariant<Name extends SectionName>(
  name: Name,
  document: YamlValue,
  own: readonly { readonly axis: SweepAxis; readonly index: number }[],
  digits: readonly number[],
): ParsedSection<Name> {
  const varied = own.reduce((current, { axis, index }) => {
    const changed = setAtPath(current, axis.path, axis.values[digits[index] ?? 0] ?? null);
    // Every path was tried when the axes were read, and axes don't overlap.
    if ("problem" in changed) throw new Error(`${axis.text}: ${changed.problem}`);
    return changed.document;
  }, document);
  return parseSection(name, readAtPath(varied, [name]));
}

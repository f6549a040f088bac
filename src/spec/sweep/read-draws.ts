import type { DocumentPath } from "../issue.ts";
import { distributionSchema, type Distribution } from "../schema/distribution.ts";
import { maxTrialCount } from "../schema/sweep.ts";
import type { YamlValue } from "../schema/yaml-value.ts";
import { readAtPath } from "../sweep-path.ts";
import { choiceIndex, drawValue } from "./draw-value.ts";
import { entriesOf } from "./written.ts";

/** How the points of a drawn space are spread. */
export type DrawMethod = "random" | "halton" | "sobol";

/** A written `random` or `quasiRandom` part of a sweep. */
export interface WrittenDraws {
  readonly method: DrawMethod;
  readonly count: number;
  readonly seed: number;
  readonly fields: readonly DrawnField[];
}

/** A field of a drawn space. */
export interface DrawnField {
  readonly text: string;
  readonly place: DocumentPath;
  /** Whether the values come from a distribution; those of a `choice` are written one by one. */
  readonly isDrawn: boolean;
  /** Number of values that are written one by one; 0 if the values are drawn. */
  readonly choiceCount: number;
  /** The values at uniform numbers in [0, 1), and which of them each number gives. */
  readonly draw: (uniforms: readonly number[]) => {
    readonly values: readonly { readonly value: YamlValue; readonly place: DocumentPath }[];
    readonly indexes: readonly number[];
  };
}

/** Where uniform numbers in [0, 1) come from: a row for each point, in it one number for each field. */
export type Sampler = (draws: WrittenDraws) => readonly (readonly number[])[];

/** Gives every written value once and the middle of each distribution: enough to check without drawing. */
export const representativeSample: Sampler = ({ fields }) => {
  const rows = Math.max(1, ...fields.map(({ choiceCount }) => choiceCount));
  return Array.from({ length: rows }, (_, row) =>
    fields.map(({ choiceCount }) => (choiceCount === 0 ? 0.5 : ((row % choiceCount) + 0.5) / choiceCount)),
  );
};

/**
 * Reads a `random` or `quasiRandom` part. Fields are in the order of their paths, so that reordering the YAML draws the
 * same points.
 * @returns undefined if it is not there or has no field that can be drawn
 */
export function readDraws(written: unknown, place: DocumentPath): WrittenDraws | undefined {
  const fields = entriesOf(readAtPath(written, ["space"]))
    .flatMap(([text, given]) => readField(text, given, [...place, "space", text]))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  if (fields.length === 0) return undefined;
  const count = wholeNumber(readAtPath(written, ["count"]), 1);
  const seed = wholeNumber(readAtPath(written, ["seed"]), 0);
  return { method: methodOf(written, place), count: Math.min(count, maxTrialCount), seed, fields };
}

function methodOf(written: unknown, place: DocumentPath): DrawMethod {
  if (place.at(-1) === "random") return "random";
  return readAtPath(written, ["method"]) === "halton" ? "halton" : "sobol";
}

function readField(text: string, given: unknown, place: DocumentPath): readonly DrawnField[] {
  const { data: distribution } = distributionSchema.safeParse(given);
  if (distribution === undefined) return [];
  if ("choice" in distribution) return [choiceField(text, place, distribution.choice)];
  return [{ text, place, isDrawn: true, choiceCount: 0, draw: (uniforms) => drawFrom(distribution, uniforms, place) }];
}

function choiceField(text: string, place: DocumentPath, choice: readonly YamlValue[]): DrawnField {
  const values = choice.map((value, index) => ({ value, place: [...place, "choice", index] }));
  const draw: DrawnField["draw"] = (uniforms) => ({
    values,
    indexes: uniforms.map((uniform) => choiceIndex(choice.length, uniform)),
  });
  return { text, place, isDrawn: false, choiceCount: choice.length, draw };
}

function drawFrom(distribution: Distribution, uniforms: readonly number[], place: DocumentPath) {
  return {
    values: uniforms.map((uniform) => ({ value: drawValue(distribution, uniform), place })),
    indexes: [...uniforms.keys()],
  };
}

function wholeNumber(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : otherwise;
}

import type { DocumentPath } from "../issue.ts";
import type { SectionName } from "../parse-section.ts";
import type { YamlValue } from "../schema/yaml-value.ts";

/** One swept field in one part of a sweep, and its values there. */
export interface SweepAxis {
  /** The path as it was written. */
  readonly text: string;
  readonly path: DocumentPath;
  readonly section: SectionName;
  /** Where the path is written as a key, e.g. under `sweep.grid`. */
  readonly keyPlace: DocumentPath;
  /** Whether the values are drawn from a distribution instead of written one by one. */
  readonly isDrawn: boolean;
  readonly choices: readonly Choice[];
}

/** One value of an axis. */
export interface Choice {
  readonly axis: SweepAxis;
  /** Index in `axis.choices`. */
  readonly index: number;
  readonly value: YamlValue;
  /** Where the value is written; where its distribution is if it is drawn. */
  readonly place: DocumentPath;
}

/** One point of the sweep: the value of every field that is swept there, outer fields before those inside them. */
export type SweepPoint = readonly Choice[];

/** Partial points of which every point of a space has one. */
export type Factor = readonly SweepPoint[];

/** A field and what it is compared with. */
export interface Condition {
  /** The path as it was written. */
  readonly text: string;
  readonly path: DocumentPath;
  /** Where the path is written. */
  readonly place: DocumentPath;
  /** Values the field may have, if the condition lists them; undefined for comparisons. */
  readonly allowed: readonly unknown[] | undefined;
  /** Whether a value fulfils it; a field that is absent never does. */
  readonly accepts: (value: unknown) => boolean;
}

/** What is swept under a condition. */
export interface Branch {
  /** Where its `if` is written. */
  readonly place: DocumentPath;
  readonly conditions: readonly Condition[];
  readonly factors: readonly Factor[];
}

/** Points that are left out. */
export interface Exclusion {
  readonly place: DocumentPath;
  readonly conditions: readonly Condition[];
}

/** A search space: the product of its union and its factors, the first slowest; then its branches, then exclusions. */
export interface SweepSpace {
  readonly union: readonly SweepSpace[];
  readonly factors: readonly Factor[];
  readonly branches: readonly Branch[];
  readonly exclusions: readonly Exclusion[];
}

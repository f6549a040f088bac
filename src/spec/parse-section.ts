import type { z } from "zod";
import { placeOfSection } from "./expectation.ts";
import { explainIssues } from "./explain-issues.ts";
import type { ExperimentIssue } from "./issue.ts";
import { experimentSchema, type configurationSections } from "./schema/experiment.ts";

type Schemas = typeof configurationSections;

/** A section that a configuration is made of. */
export type SectionName = keyof Schemas;

/** A checked section with every default filled in, or everything that is wrong with it. */
export type ParsedSection<Name extends SectionName> =
  | { readonly value: z.output<Schemas[Name]> }
  | { readonly issues: readonly ExperimentIssue[] };

// As they stand in an experiment: a section that may be left out gets its default.
const sections = experimentSchema.shape;

const parsers: { readonly [Name in SectionName]: (value: unknown) => ParsedSection<Name> } = {
  data: (value) => parseWith(sections.data, "data", value),
  model: (value) => parseWith(sections.model, "model", value),
  training: (value) => parseWith(sections.training, "training", value),
  evaluation: (value) => parseWith(sections.evaluation, "evaluation", value),
};

/**
 * Checks one section of an experiment and fills its defaults in. Rules between fields of the section are checked as
 * well; rules between sections, and shapes, are the plan's.
 * @param value plain JSON value; undefined if the section is not given
 * @returns issues have paths from the top of the document, and no positions
 */
export function parseSection<Name extends SectionName>(section: Name, value: unknown): ParsedSection<Name> {
  return parsers[section](value);
}

function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  section: SectionName,
  value: unknown,
): { readonly value: z.output<Schema> } | { readonly issues: readonly ExperimentIssue[] } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  return { issues: explainIssues(result.error.issues, placeOfSection(section, value)) };
}

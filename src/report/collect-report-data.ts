import type { Comparison } from "../compare/comparison.ts";
import type { RunRecords } from "../record/run-records.ts";
import { collectCosts, type CostSources } from "./collect-costs.ts";
import { collectProvenance } from "./collect-provenance.ts";
import { collectSettings } from "./collect-settings.ts";
import type { ReportData } from "./report-data.ts";
import { verdictOf } from "./verdict-of.ts";

/** What the report of a run shows besides its blocks. */
export type ReportOverview = Omit<ReportData, "blocks" | "blockFolder" | "leftOut">;

/**
 * What the HTML report of a run shows, without what stands in blocks. Deterministic: the same records give the same
 * data. @param records environments and provenances must have been loaded, metrics of unfinished trials too
 */
export function collectReportData(
  records: RunRecords,
  comparison: Comparison,
  costs: CostSources = {},
): ReportOverview {
  return {
    schemaVersion: 3,
    description: records.plan.description ?? null,
    verdict: verdictOf(comparison),
    comparison,
    classNames: commonClassNames(records),
    settings: collectSettings(records.plan, comparison),
    costs: collectCosts(records, costs),
    provenance: collectProvenance(records),
  };
}

function commonClassNames({ plan }: RunRecords): readonly string[] {
  const [first, ...others] = plan.data.map(({ dataset }) => dataset.classNames);
  if (first === undefined) return [];
  return others.every((names) => names.join("\n") === first.join("\n")) ? first : [];
}

import { exitCodes } from "../contract/exit-codes.ts";
import type { Store } from "../record/store.ts";
import type { LoadedPlan } from "../orchestrate/load-plan.ts";
import type { ExperimentIssue } from "../spec/issue.ts";
import { CliError } from "./cli-error.ts";
import { codeIdentity } from "./product.ts";

/** All issues of a file as text, with a closing line that counts them. */
export async function renderIssues(file: string, issues: readonly ExperimentIssue[]): Promise<string> {
  const { renderIssue } = await import("../spec/render-issue.ts");
  const count = issues.length === 1 ? "1 problem" : `${issues.length} problems`;
  return `${issues.map((issue) => renderIssue(issue)).join("\n\n")}\n\n${file}: ${count}; nothing was run`;
}

/**
 * Plans an experiment file for a command that can't go on without a plan.
 * @throws CliError with every issue
 */
export async function requirePlan(file: string, store: Store): Promise<LoadedPlan> {
  const { loadPlan } = await import("../orchestrate/load-plan.ts");
  const loaded = await loadPlan(file, codeIdentity(), store);
  if ("plan" in loaded) return loaded;
  const isMissing = loaded.issues.every(({ code }) => code === "missing-file");
  throw new CliError(
    isMissing ? exitCodes.missingInput : exitCodes.invalidInput,
    await renderIssues(file, loaded.issues),
  );
}

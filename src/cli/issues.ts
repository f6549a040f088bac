import { exitCodes, type ExitCode } from "../contract/exit-codes.ts";
import type { LoadedPlan, LoadOptions } from "../orchestrate/load-plan.ts";
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
export async function requirePlan(file: string, options: LoadOptions): Promise<LoadedPlan> {
  const { loadPlan } = await import("../orchestrate/load-plan.ts");
  const loaded = await loadPlan(file, codeIdentity(), options);
  if ("plan" in loaded) return loaded;
  throw await refusal(file, loaded.issues);
}

/** The error of a command that can't go on with an experiment: every issue, and the exit code for their kind. */
export async function refusal(file: string, issues: readonly ExperimentIssue[]): Promise<CliError> {
  await annotateIssues(issues);
  return new CliError(await exitCodeOf(issues), await renderIssues(file, issues));
}

/** The exit code of a command that found issues. */
export async function exitCodeOf(issues: readonly ExperimentIssue[]): Promise<ExitCode> {
  const { isAboutFlags } = await import("../spec/settings.ts");
  if (isAboutFlags(issues)) return exitCodes.usage;
  return issues.every(({ code }) => code === "missing-file") ? exitCodes.missingInput : exitCodes.invalidInput;
}

/** On GitHub Actions, shows the issues in the changed files as well. */
export async function annotateIssues(issues: readonly ExperimentIssue[]): Promise<void> {
  if (process.env["GITHUB_ACTIONS"] !== "true" || issues.length === 0) return;
  const { renderAnnotation } = await import("./github-annotation.ts");
  process.stderr.write(issues.map((issue) => `${renderAnnotation(issue)}\n`).join(""));
}

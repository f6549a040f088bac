import { originOf } from "./block-origin.ts";
import { formatPath, type ExperimentIssue } from "./issue.ts";

/**
 * Moves an issue from a model whose blocks have been put in to where it was written: the block's own lines, or the
 * argument that is wrong.
 * @param model the `model:` section as written
 */
export function relocateToWritten(issue: ExperimentIssue, model: unknown): ExperimentIssue {
  const [section, ...path] = issue.path;
  if (section !== "model" || model === undefined) return issue;
  const origin = originOf(model, path);
  const written = { ...issue, path: ["model", ...origin.path] };
  if (origin.parameterPath === undefined) return written;
  const parameter = formatPath(["model", ...origin.parameterPath]);
  return { ...written, message: `${issue.message} (as \`${parameter}\`)` };
}

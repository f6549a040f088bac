import { formatPath, type ExperimentIssue } from "../spec/issue.ts";

/**
 * An issue as a workflow command of GitHub Actions, which shows it beside the line in a pull request.
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function renderAnnotation({ position, end, path, message, fix }: ExperimentIssue): string {
  const place =
    position === undefined || position.isSetting
      ? {}
      : {
          file: position.file,
          line: position.line,
          col: position.column,
          ...(end && { endLine: end.line, endColumn: end.column }),
        };
  const title = path.length > 0 ? { title: formatPath(path) } : {};
  const properties = Object.entries({ ...place, ...title }).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  const flag = position?.isSetting ? `${position.file}: ` : "";
  return `::error ${properties.join(",")}::${escapeData(`${flag}${message}\nfix: ${fix}`)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(value: string | number): string {
  return escapeData(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

import { formatPath, isAtOrBelow, type DocumentPath, type ExperimentIssue, type SourcePosition } from "./issue.ts";
import { readYaml, type YamlContent } from "./read-yaml.ts";
import type { YamlValue } from "./schema/yaml-value.ts";
import type { SourceEntry } from "./source-map.ts";
import { parseSweepPath, readAtPath, setAtPath } from "./sweep-path.ts";
import type { SweepAxis } from "./sweep/sweep-space.ts";

/** A value that the command line sets: `training.epochs=5`. */
interface Setting {
  readonly text: string;
  readonly path: DocumentPath;
  /** `null` removes what is there. */
  readonly value: YamlValue;
}

/** A document with settings written in, and what is wrong with the others. */
export interface SetDocument {
  readonly content: YamlContent;
  readonly issues: readonly ExperimentIssue[];
  /** Settings that were written in, with their paths. */
  readonly applied: readonly { readonly text: string; readonly path: DocumentPath }[];
}

/**
 * Writes the values of `--set` flags into a document, in their order.
 * @param texts each `path=value`; the value is YAML, `null` removes the field
 */
export function applySettings(content: YamlContent, texts: readonly string[]): SetDocument {
  let current = content;
  const issues: ExperimentIssue[] = [];
  const applied: Setting[] = [];
  for (const text of texts) {
    const setting = parseSetting(text);
    const changed = "code" in setting ? setting : applySetting(current, setting);
    if ("code" in changed) issues.push(changed);
    else current = changed;
    if (!("code" in setting)) applied.push(setting);
  }
  return { content: current, issues, applied };
}

/** The issues of settings that no trial would use, because the sweep sets the same field everywhere. */
export function findShadowedSettings(
  applied: SetDocument["applied"],
  axes: readonly SweepAxis[],
): readonly ExperimentIssue[] {
  const everywhere = axes.filter(({ keyPlace: [, part] }) => alwaysSet.includes(String(part)));
  return applied.flatMap(({ text, path }) => {
    const axis = everywhere.find((candidate) => isAtOrBelow(path, candidate.path));
    if (!axis) return [];
    const [, part] = axis.keyPlace;
    const message = `\`${axis.text}\` is swept in \`sweep.${part}\`, so this value would never be used`;
    const instead = `--set 'sweep.${part}.${axis.text}=[${text.slice(text.indexOf("=") + 1)}]'`;
    const fix =
      part === "grid" ? `write \`${instead}\`, or take it out of the sweep with \`=null\`` : "change the sweep";
    return [badSetting(text, "shadowed-setting", message, fix)];
  });
}

const alwaysSet: readonly string[] = ["grid", "zip", "random", "quasiRandom"];

function parseSetting(text: string): Setting | ExperimentIssue {
  const equals = text.indexOf("=");
  if (equals < 1)
    return badSetting(text, "bad-setting", "expected `path=value`", "write e.g. `--set training.epochs=5`");
  const parsed = parseSettingPath(text.slice(0, equals).trim());
  if ("problem" in parsed)
    return badSetting(text, "bad-setting", parsed.problem, "write a path as `training.optimizer.learningRate`");
  if (parsed.path[0] === "extends")
    return badSetting(text, "bad-setting", "`extends` can't be set here", "write it in the file");
  const value = parseValue(text.slice(equals + 1));
  if ("problem" in value) return badSetting(text, "bad-setting", value.problem, value.fix);
  return { text, path: parsed.path, value: value.value };
}

/** Keys of a grid are paths themselves: `sweep.grid.training.batchSize` sets the values of one field. */
function parseSettingPath(text: string): ReturnType<typeof parseSweepPath> {
  const [, part, field] = /^sweep\.(grid|zip)\.(.+)$/.exec(text) ?? [];
  return part !== undefined && field !== undefined ? { path: ["sweep", part, field] } : parseSweepPath(text);
}

function parseValue(text: string): { readonly value: YamlValue } | { readonly problem: string; readonly fix: string } {
  if (text.trim() === "")
    return { problem: "there is no value behind `=`", fix: "write a value; `null` removes the field" };
  if (/^\s*(null|~)\s*$/.test(text)) return { value: null };
  const { content, issues } = readYaml(text, "--set");
  const [issue] = issues;
  if (issue) return { problem: `the value is not YAML: ${issue.message}`, fix: issue.fix };
  return { value: content?.value ?? null };
}

function applySetting({ value, root }: YamlContent, setting: Setting): YamlContent | ExperimentIssue {
  const { text, path } = setting;
  const changed = setAtPath(value, path, setting.value);
  if ("problem" in changed) return badSetting(text, "bad-setting", changed.problem, "name a field of this experiment");
  if (setting.value === null) return removeAt({ value, root }, setting);
  return { value: changed.document, root: setEntry(root, path, entryOf(text)) };
}

function removeAt({ value, root }: YamlContent, { text, path }: Setting): YamlContent | ExperimentIssue {
  const [outer, key] = [path.slice(0, -1), path.at(-1)];
  const map = readAtPath(value, outer);
  if (typeof key !== "string" || readAtPath(value, path) === undefined || !isMap(map))
    return badSetting(
      text,
      "bad-setting",
      `there is no \`${formatPath(path)}\` to remove`,
      "remove a field that is written",
    );
  const { [key]: _, ...rest } = map;
  const changed = setAtPath(value, outer, rest);
  return { value: "document" in changed ? changed.document : value, root: removeEntry(root, path) };
}

function isMap(value: unknown): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setEntry(entry: SourceEntry, [part, ...rest]: DocumentPath, set: SourceEntry): SourceEntry {
  if (part === undefined) return set;
  const child = entry.children.get(part) ?? { ...set, children: new Map() };
  return { ...entry, children: new Map(entry.children).set(part, setEntry(child, rest, set)) };
}

function removeEntry(entry: SourceEntry, [part, ...rest]: DocumentPath): SourceEntry {
  const children = new Map(entry.children);
  const child = part === undefined ? undefined : children.get(part);
  if (part === undefined || child === undefined) return entry;
  if (rest.length === 0) children.delete(part);
  else children.set(part, removeEntry(child, rest));
  return { ...entry, children };
}

function entryOf(text: string): SourceEntry {
  const position = positionOf(text);
  const source = { file: position.file, content: "", positionOf: () => position };
  return { text: source, keyRange: [0, 0], valueRange: [0, 0], children: new Map() };
}

function positionOf(text: string): SourcePosition {
  return { file: `--set ${text}`, line: 1, column: 1, isSetting: true };
}

function badSetting(text: string, code: string, message: string, fix: string): ExperimentIssue {
  return { code, path: [], message, fix, position: positionOf(text) };
}

/** Whether issues are only about how flags are written, not about the experiment. */
export function isAboutFlags(issues: readonly ExperimentIssue[]): boolean {
  return issues.length > 0 && issues.every(({ code }) => code === "bad-setting" || code === "shadowed-setting");
}

import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import type { ExperimentIssue } from "./issue.ts";
import { isYamlMap, mergeDocuments, withoutKey } from "./merge-documents.ts";
import { nearestName } from "./nearest-name.ts";
import { findProjectFolder } from "./project-folder.ts";
import { readText } from "./read-text.ts";
import { readYaml, type YamlContent, type YamlReading } from "./read-yaml.ts";
import { rebasePaths } from "./rebase-paths.ts";

/** More base files than this in one chain are refused: nobody could follow where a value comes from. */
const maxBaseCount = 5;

/** One file of a chain. */
interface Layer {
  /** As it is shown in messages. */
  readonly file: string;
  readonly realPath: string;
  readonly content: YamlContent;
}

/**
 * Reads an experiment file with the files that it extends, one after another.
 * @param file the experiment's own file; shown in messages as it is given
 * @returns the merged document without `extends`, each value with the place where it is written; nothing if a file of
 *   the chain can't be used
 */
export async function readWithBases(file: string): Promise<YamlReading> {
  const { layers, issues } = await readChain(file);
  const content = mergeLayers(layers);
  return content === undefined ? { issues } : { content, issues };
}

/** The real paths of the files that an experiment file extends, directly or through others. */
export async function listBases(file: string): Promise<readonly string[]> {
  const { layers } = await readChain(file);
  return layers.slice(1).map(({ realPath }) => realPath);
}

/** @returns the experiment's own file first, its last base last; no file if one of them can't be used */
async function readChain(
  file: string,
): Promise<{ readonly layers: readonly Layer[]; readonly issues: readonly ExperimentIssue[] }> {
  const own = await readLayer(file);
  if (own.content === undefined) return { layers: [], issues: own.issues };
  const layers: Layer[] = [{ file, realPath: await realpath(file), content: own.content }];
  const issues = [...own.issues];
  const project = await findProjectFolder(path.dirname(path.resolve(file)));
  for (let layer = layers[0]; layer !== undefined; ) {
    const next = await readBase(layer, layers, project);
    issues.push(...next.issues);
    if (next.issues.length > 0 && next.layer === undefined) return { layers: [], issues };
    layer = next.layer;
    if (layer) layers.push(layer);
  }
  return { layers, issues };
}

async function readLayer(file: string): Promise<YamlReading> {
  const text = await readText(file);
  return typeof text === "string" ? readYaml(text, file) : { issues: [text] };
}

/** The file that a layer extends: nothing at the end of the chain, or if `extends` is no path, which is its own issue. */
async function readBase(
  from: Layer,
  chain: readonly Layer[],
  project: string,
): Promise<{ readonly layer?: Layer; readonly issues: readonly ExperimentIssue[] }> {
  const written = extendsOf(from.content);
  if (written === undefined) return { issues: [] };
  const refuse = (code: string, message: string, fix: string) => ({ issues: [issueAt(from, code, message, fix)] });
  const file = path.join(path.dirname(from.file), written);
  const target = path.resolve(path.dirname(path.resolve(from.file)), written);
  const realPath = await realpath(target).catch(() => target);
  const names = [...chain.map((layer) => layer.file), path.isAbsolute(written) ? written : file].join(" → ");
  if (chain.some((layer) => layer.realPath === realPath))
    return refuse("extends-cycle", `the files extend one another: ${names}`, "remove `extends` from one of them");
  if (chain.length > maxBaseCount)
    return refuse(
      "extends-too-deep",
      `a chain of more than ${maxBaseCount} base files: ${names}`,
      "put some of these files together",
    );
  if (!isInside(await realpath(project), realPath))
    return refuse(
      "extends-outside-project",
      `${JSON.stringify(written)} is outside the project, the folder ${path.relative(".", project) || "."}`,
      "move the base file into the project (the folder with .git or package.json, else the experiment's own folder)",
    );
  const text = await readText(target);
  if (typeof text !== "string") {
    const isMissing = text.code === "missing-file";
    const message = isMissing ? `there is no file ${file}` : `${file}: ${text.message}`;
    return refuse(isMissing ? "base-not-found" : text.code, message, await suggestFile(target, written));
  }
  const { content, issues } = readYaml(text, file);
  if (content === undefined) return { issues };
  if (!isYamlMap(content.value)) return { issues: [...issues, notAnExperiment(file)] };
  return { layer: { file, realPath, content }, issues };
}

function extendsOf({ value }: YamlContent): string | undefined {
  const written = isYamlMap(value) ? value["extends"] : undefined;
  return typeof written === "string" && written !== "" ? written : undefined;
}

function issueAt({ content: { root } }: Layer, code: string, message: string, fix: string): ExperimentIssue {
  const entry = root.children.get("extends") ?? root;
  const [start, end] = entry.valueRange;
  const { positionOf } = entry.text;
  return { code, path: ["extends"], message, fix, position: positionOf(start), end: positionOf(end) };
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

async function suggestFile(target: string, written: string): Promise<string> {
  const found = await readdir(path.dirname(target)).catch(() => []);
  const nearest = nearestName(
    path.basename(target),
    found.filter((name) => /\.ya?ml$/.test(name)),
  );
  if (nearest === undefined) return "write the path of a YAML file, relative to this one";
  return `did you mean \`${path.posix.join(path.posix.dirname(written), nearest)}\`?`;
}

function notAnExperiment(file: string): ExperimentIssue {
  const message = "a base file has to be a map of sections, as any experiment";
  const fix = "write e.g. `training: { epochs: 5 }`; what is missing is added by the file that extends it";
  return { code: "wrong-type", path: [], message, fix, position: { file, line: 1, column: 1 } };
}

/** @param layers the experiment's own file first, the last base last */
function mergeLayers(layers: readonly Layer[]): YamlContent | undefined {
  const [own, ...bases] = layers;
  if (own === undefined || bases.length === 0) return own?.content;
  const folderOf = ({ file }: Layer) => path.dirname(path.resolve(file));
  const contentOf = (layer: Layer): YamlContent => {
    const { value, root } = withoutExtends(layer.content);
    return { value: rebasePaths(value, folderOf(layer), folderOf(own)), root };
  };
  return layers.toReversed().map(contentOf).reduce(mergeDocuments);
}

/** `extends` that was followed has done its work; one that is no path stays, for its issue. */
function withoutExtends(content: YamlContent): YamlContent {
  return extendsOf(content) === undefined ? content : withoutKey(content, "extends");
}

import { existsSync } from "node:fs";
import { findNativeEngine, type NativeInstallation } from "../engine/native-folder.ts";
import { nativeRelease } from "../engine/native-release.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import type { CommandResult } from "./output.ts";
import { problemOf, runEngineSelfTest, type SelfTestOutcome } from "./run-engine-self-test.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The engines and whether they are there, without starting any. */
export async function listEngines(variables: Variables): Promise<CommandResult> {
  const installation = findNativeEngine(variables);
  const engines = [
    {
      engine: "wasm",
      isInstalled: true,
      computes: "WebAssembly, one thread; runs everywhere",
      where: "in the package",
    },
    {
      engine: "tensorflow",
      isInstalled: installation.isInstalled,
      computes: `${tensorflowOf(installation)}, steps compiled; several times as fast`,
      where: installation.isInstalled ? `${installation.folder.path}${lackOf(installation)}` : installation.reason,
    },
  ];
  const table = {
    columns: ["engine", "installed", "computes", "where"].map(leftColumn),
    rows: engines.map(({ isInstalled, ...rest }) => ({ ...rest, installed: isInstalled ? "yes" : "no" })),
  };
  const json = { schemaVersion: 1, engines };
  return { json, table, human: () => renderTextTable(table) };
}

/** What TensorFlow's version is; of a bridge that npm installed, only its loading tells. */
function tensorflowOf({ folder }: NativeInstallation): string {
  return folder.package === undefined ? `TensorFlow ${nativeRelease.tensorflowVersion}` : "TensorFlow";
}

/** Why an installed engine was taken that is not our own, and what it computes without. */
function lackOf({ folder: { package: bridge, operations }, reason }: NativeInstallation): string {
  if (bridge !== undefined)
    return `, without our own operations: ${reason} (\`nightsweep engine install --again\` makes it)`;
  if (operations !== undefined && existsSync(operations)) return "";
  return ", without our own operations (`nightsweep engine install` adds them)";
}

/** Tries the embedded engine, and the native one if it is installed. */
export async function examineEngines(
  variables: Variables,
): Promise<{ readonly result: CommandResult; readonly isHealthy: boolean }> {
  const installation = findNativeEngine(variables);
  const outcomes: readonly (readonly [string, SelfTestOutcome])[] = [
    ["wasm", await runEngineSelfTest("wasm")],
    ...(installation.isInstalled ? [["tensorflow", await runEngineSelfTest("tensorflow")] as const] : []),
  ];
  const table: Table = {
    columns: ["engine", "check", "result", "detail"].map(leftColumn),
    rows: outcomes.flatMap(([engine, outcome]) => describe(engine, outcome)),
  };
  const isHealthy = outcomes.every(([, outcome]) => problemOf(outcome) === undefined);
  const isOwn = installation.isInstalled && installation.folder.package === undefined;
  const absent = isOwn ? "" : `\ntensorflow: ${installation.reason}`;
  const engines = outcomes.map(([engine, outcome]) => ({ engine, ...outcome }));
  const human = () => `${renderTextTable(table)}${absent}`;
  const json = { schemaVersion: 1, isHealthy, engines };
  return { result: { json, table, human }, isHealthy };
}

function describe(engine: string, outcome: SelfTestOutcome): Table["rows"] {
  if ("problem" in outcome) return [{ engine, check: "start", result: "FAILED", detail: outcome.problem }];
  const { version, threads, details, startMilliseconds, checks } = outcome.report;
  const facts = Object.entries({ threads: String(threads), ...details }).map(([key, value]) => `${key} ${value}`);
  const start = `${version} in ${startMilliseconds} ms; ${facts.join(", ")}`;
  return [
    { engine, check: "start", result: "ok", detail: start },
    ...checks.map(({ name, isPassed, detail }) => ({
      engine,
      check: name,
      result: isPassed ? "ok" : "FAILED",
      detail,
    })),
  ];
}

function leftColumn(key: string) {
  return { key, label: key, align: "left" } as const;
}

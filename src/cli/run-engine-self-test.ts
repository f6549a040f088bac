import { spawn } from "node:child_process";
import type { EngineReport } from "../contract/engine-report.ts";
import { engineSelfTestEntry } from "./product.ts";

/** What a self-test came to: a report, or how it ended without one. */
export type SelfTestOutcome = { readonly report: EngineReport } | { readonly problem: string };

/** Tries an engine in a process of its own. */
export async function runEngineSelfTest(engine: string): Promise<SelfTestOutcome> {
  const child = spawn(process.execPath, [engineSelfTestEntry(), engine], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const end = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const report = parseReport(output.stdout);
  if (report !== undefined) return { report };
  return { problem: `it ended with ${end}: ${lastWords(output.stderr)}` };
}

/** What is wrong with the engine, or undefined. */
export function problemOf(outcome: SelfTestOutcome): string | undefined {
  if ("problem" in outcome) return outcome.problem;
  const failed = outcome.report.checks.filter(({ isPassed }) => !isPassed);
  if (failed.length === 0) return undefined;
  return failed.map(({ name, detail }) => `${name} gave ${detail}`).join("; ");
}

function parseReport(stdout: string): EngineReport | undefined {
  try {
    const value: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    return isReport(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The line is written by our own process: its shape need not be checked in depth. */
function isReport(value: unknown): value is EngineReport {
  return typeof value === "object" && value !== null && "checks" in value && Array.isArray(value.checks);
}

function lastWords(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /\S/.test(line) && !/^\s+at /.test(line));
  return lines.findLast((line) => line.includes("Error")) ?? lines.at(-1) ?? "without a word";
}

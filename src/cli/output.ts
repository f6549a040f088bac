import { InvalidArgumentError, Option } from "commander";
import type { Table } from "../report/table.ts";

/** How a result is printed. */
export const outputFormats = ["human", "json", "csv", "md"] as const;

/** One of the output formats. */
export type OutputFormat = (typeof outputFormats)[number];

/** The `--output` flag of every command with a result. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "how the result is printed on stdout")
    .choices([...outputFormats])
    .default("human");
}

/** A command's result in all the forms it can be printed in. */
export interface CommandResult {
  /** Printed for `json`; carries `schemaVersion`. */
  readonly json: { readonly schemaVersion: number };
  /** Printed for `csv` and `md`: the main table. */
  readonly table: Table;
  /** Printed for `md` instead of the table. */
  readonly markdown?: () => string;
  /** Printed for `human`. */
  readonly human: () => string;
}

/** Writes a result to stdout in the format that was asked for. */
export async function printResult(result: CommandResult, format: OutputFormat): Promise<void> {
  process.stdout.write(`${(await render(result, format)).trimEnd()}\n`);
}

async function render(result: CommandResult, format: OutputFormat): Promise<string> {
  switch (format) {
    case "human":
      return result.human();
    case "json":
      return JSON.stringify(result.json, undefined, 2);
    case "csv":
      return (await import("../report/render-csv.ts")).renderCsv(result.table);
    case "md":
      if (result.markdown !== undefined) return result.markdown();
      return (await import("../report/render-markdown.ts")).renderMarkdownTable(result.table);
    default:
      throw new Error(`unknown format ${String(format satisfies never)}`);
  }
}

/** Parses a flag that takes a whole number. */
export function integerFlag(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}`);
  };
}

/** Parses a flag that takes an amount: a number that is not negative. */
export function amountFlag(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("expected a number ≥ 0");
}

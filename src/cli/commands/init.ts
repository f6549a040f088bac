import { writeFile } from "node:fs/promises";
import path from "node:path";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { findInstalledSchema } from "../find-schema.ts";
import { packageFolder } from "../product.ts";
import { writeSchema } from "./schema.ts";

/** Where the schema is written, next to the YAML file, if nightsweep is not installed in a folder around it. */
const ownSchema = ".nightsweep/experiment.schema.json";

/** `nightsweep init`: writes a commented starter experiment. */
export const initCommand: CommandDeclaration = {
  name: "init",
  configure: (command) =>
    command
      .description("Write a commented starter experiment")
      .argument("[file]", "YAML file to write", "experiment.yaml")
      .option("-f, --force", "replace the file if there is one")
      .addHelpText("after", "\nExample:\n  nightsweep init mnist-cnn.yaml")
      .action(async (file: string, options: { force?: true }) => writeStarter(file, options.force ?? false)),
};

async function writeStarter(file: string, isForced: boolean): Promise<void> {
  const { renderStarter } = await import("../../spec/starter.ts");
  const name = experimentName(file);
  const installedSchema = findInstalledSchema(path.dirname(file), packageFolder());
  try {
    await writeFile(file, renderStarter(name, installedSchema ?? ownSchema), { flag: isForced ? "w" : "wx" });
  } catch (error) {
    throw new CliError(exitCodes.invalidInput, explain(file, error));
  }
  if (installedSchema === undefined) await writeSchema(path.join(path.dirname(file), ownSchema));
  process.stderr.write(`Wrote ${file}. Next:\n  nightsweep plan ${file}\n  nightsweep run ${file}\n`);
}

function experimentName(file: string): string {
  const name = path
    .basename(file)
    .replace(/\.ya?ml$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? "experiment" : name;
}

function explain(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST") return `${file} is already there; choose another name, or replace it with --force`;
  if (code === "ENOENT") return `the folder of ${file} doesn't exist; create it first`;
  return `could not write ${file}: ${error instanceof Error ? error.message : String(error)}`;
}

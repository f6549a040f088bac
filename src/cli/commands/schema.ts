import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";

/** `nightsweep schema`: the experiment language as a JSON Schema. */
export const schemaCommand: CommandDeclaration = {
  name: "schema",
  configure: (command) =>
    command
      .description("Print the JSON Schema of experiments, for editors and other tools")
      .option("--file <file>", "write it to a file instead, replacing what is there")
      .addHelpText("after", "\nExample:\n  nightsweep schema --file .nightsweep/experiment.schema.json")
      .action(async ({ file }: { file?: string }) => {
        if (file === undefined) process.stdout.write(await schemaText());
        else await writeSchema(file);
      }),
};

/**
 * Writes the JSON Schema of experiments to a file, and creates its folder.
 * @throws CliError if that is not possible
 */
export async function writeSchema(file: string): Promise<void> {
  const text = await schemaText();
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.invalidInput, `could not write ${file}: ${reason}`);
  }
}

async function schemaText(): Promise<string> {
  const { experimentJsonSchema } = await import("../../spec/json-schema.ts");
  return `${JSON.stringify(experimentJsonSchema(), undefined, 2)}\n`;
}

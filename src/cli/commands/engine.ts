import type { Command } from "commander";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { CommandDeclaration } from "../command.ts";
import { CliError } from "../cli-error.ts";
import { asCliError } from "../expected-errors.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";

/** `nightsweep engine`: what computes. */
export const engineCommand: CommandDeclaration = {
  name: "engine",
  configure: (command) => {
    command
      .description("Show, install and test engines: what computes")
      .addHelpText("after", "\nExample:\n  nightsweep engine install");
    declareList(command);
    declareInstall(command);
    declareDoctor(command);
  },
};

interface PrintOptions {
  readonly output: OutputFormat;
}

function declareList(command: Command): void {
  command
    .command("list")
    .description("Show the engines and whether they are installed")
    .addOption(outputOption())
    .addHelpText("after", "\nExample:\n  nightsweep engine list")
    .action((options: PrintOptions) => asCliError(() => list(options)));
}

function declareInstall(command: Command): void {
  command
    .command("install")
    .description("Make the native engine: fetch TensorFlow with pip, compile the bridge, test the result")
    .option("--again", "make it anew though it, or a tfjs-node with an addon, is there")
    .option("--gpu", "with CUDA 12 for NVIDIA GPUs (2.1 GB to fetch; computes on CPUs, too)")
    .addHelpText("after", "\nExample:\n  nightsweep engine install")
    .action((options: InstallOptions) => asCliError(() => install(options)));
}

function declareDoctor(command: Command): void {
  command
    .command("doctor")
    .description("Try every engine at a gradient and a tiny training, against known figures")
    .addOption(outputOption())
    .addHelpText("after", "\nExample:\n  nightsweep engine doctor")
    .action((options: PrintOptions) => asCliError(() => doctor(options)));
}

async function list({ output }: PrintOptions): Promise<void> {
  const { listEngines } = await import("../engine-result.ts");
  await printResult(await listEngines(process.env), output);
}

interface InstallOptions {
  readonly again?: boolean;
  readonly gpu?: boolean;
}

async function install({ again = false, gpu = false }: InstallOptions): Promise<void> {
  const { installNativeEngine } = await import("../../engine/install-native.ts");
  const { problemOf, runEngineSelfTest } = await import("../run-engine-self-test.ts");
  const outcome = await installNativeEngine({
    variables: process.env,
    flavour: gpu ? "gpu" : "cpu",
    again,
    now: () => new Date(),
    log: (line) => process.stderr.write(`${line}\n`),
    selfTest: async () => problemOf(await runEngineSelfTest(`tensorflow-${gpu ? "gpu" : "cpu"}`)),
  });
  switch (outcome.type) {
    case "present":
      return void process.stdout.write(`The native engine is installed already, in ${outcome.folder.path}\n`);
    case "packaged":
      return void process.stdout.write(
        `The native engine is here already: ${outcome.found.package}, whose own installer has made its addon, in ` +
          `${outcome.found.path}\n\`nightsweep engine install --again\` makes our own besides, which is then taken\n`,
      );
    case "installed":
      return void process.stdout.write(`The native engine is installed, in ${outcome.folder.path}\n`);
    case "missing": {
      const lines = outcome.missing.map(({ piece, problem, fix }) => `${piece}: ${problem}\n  fix: ${fix}`);
      throw new CliError(exitCodes.missingInput, `The native engine can't be made here yet.\n${lines.join("\n")}`);
    }
    case "failed":
      throw new CliError(exitCodes.trialsFailed, `The native engine was not installed: ${outcome.reason}`);
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
}

async function doctor({ output }: PrintOptions): Promise<void> {
  const { examineEngines } = await import("../engine-result.ts");
  const { result, isHealthy } = await examineEngines(process.env);
  await printResult(result, output);
  process.exitCode = isHealthy ? exitCodes.done : exitCodes.trialsFailed;
}

import { Command, CommanderError } from "commander";
import { exitCodes } from "../contract/exit-codes.ts";
import { CliError } from "./cli-error.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { checkCommand } from "./commands/check.ts";
import { cardCommand } from "./commands/card.ts";
import { compareCommand } from "./commands/compare.ts";
import { curvesCommand } from "./commands/curves.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { engineCommand } from "./commands/engine.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { exportCommand } from "./commands/export.ts";
import { gcCommand } from "./commands/gc.ts";
import { historyCommand } from "./commands/history.ts";
import { indexCommand } from "./commands/index.ts";
import { initCommand } from "./commands/init.ts";
import { logsCommand } from "./commands/logs.ts";
import { pauseCommand } from "./commands/pause.ts";
import { planCommand } from "./commands/plan.ts";
import { plotCommand } from "./commands/plot.ts";
import { pushDataCommand } from "./commands/push-data.ts";
import { predictCommand } from "./commands/predict.ts";
import { referenceCommand } from "./commands/reference.ts";
import { reportCommand } from "./commands/report.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { resumeCommand } from "./commands/resume.ts";
import { retryCommand } from "./commands/retry.ts";
import { rmCommand } from "./commands/rm.ts";
import { runCommand } from "./commands/run.ts";
import { schemaCommand } from "./commands/schema.ts";
import { samplesCommand } from "./commands/samples.ts";
import { setPriorityCommand } from "./commands/set-priority.ts";
import { serveCommand } from "./commands/serve.ts";
import { setWorkersCommand } from "./commands/set-workers.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { statusCommand } from "./commands/status.ts";
import { syncCommand } from "./commands/sync.ts";
import { validateCommand } from "./commands/validate.ts";
import { verifyCommand } from "./commands/verify.ts";
import { watchCommand } from "./commands/watch.ts";
import { coloured } from "./colour.ts";
import { packageVersion } from "./product.ts";

const commands = [
  initCommand,
  validateCommand,
  planCommand,
  simulateCommand,
  samplesCommand,
  runCommand,
  statusCommand,
  logsCommand,
  pauseCommand,
  resumeCommand,
  cancelCommand,
  retryCommand,
  setWorkersCommand,
  setPriorityCommand,
  compareCommand,
  checkCommand,
  historyCommand,
  curvesCommand,
  plotCommand,
  reportCommand,
  cardCommand,
  serveCommand,
  watchCommand,
  evaluateCommand,
  predictCommand,
  engineCommand,
  doctorCommand,
  schemaCommand,
  exportCommand,
  syncCommand,
  pushDataCommand,
  verifyCommand,
  reproduceCommand,
  indexCommand,
  rmCommand,
  gcCommand,
  referenceCommand,
];

/** The whole command line, declared. */
export function buildProgram(): Command {
  const program = new Command("nightsweep")
    .description("Runs batches of training experiments: one YAML file in, a comparison you can trust out.")
    .version(packageVersion())
    .showHelpAfterError("(add --help for the command's flags)")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      `
Example:
  nightsweep init my-experiment.yaml
  nightsweep plan my-experiment.yaml
  nightsweep run my-experiment.yaml
  nightsweep compare my-experiment.yaml

Exit codes: 0 done · 1 a trial failed · 2 stopped by a rule of the run · 3 not reproduced · 4 cancelled · 5 regressed
· 64 wrong command line · 65 wrong experiment or data · 66 not found · 70 bug · 71 out of memory · 74 store, disk or
network can't be used · 75 stopped at a checkpoint, run again to go on · 130 stopped at once`,
    );
  for (const declare of commands) inherit(program.command(declare.name), program, declare.configure);
  return program;
}

function inherit(command: Command, program: Command, configure: (command: Command) => void): void {
  command.copyInheritedSettings(program).exitOverride();
  configure(command);
}

async function main(): Promise<number> {
  try {
    await buildProgram().exitOverride().parseAsync();
    return typeof process.exitCode === "number" ? process.exitCode : exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof CliError) {
      process.stderr.write(`${coloured("red", error.message, process.stderr)}\n`);
      return error.exitCode;
    }
    process.stderr.write(`This is a bug in nightsweep; please report it with the text below.\n${stackOf(error)}\n`);
    return exitCodes.bug;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// A reader that has seen enough (`nightsweep compare … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.done);
  throw error;
});
process.exitCode = await main();

import { randomBytes } from "node:crypto";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { amountFlag, integerFlag } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ServeOptions {
  readonly store: string;
  readonly run?: string;
  readonly port: number;
  readonly open?: true;
  readonly pricePerHour?: number;
}

/** `nightsweep serve`: the report of a run in the browser, up to date while the run goes on. */
export const serveCommand: CommandDeclaration = {
  name: "serve",
  configure: (command) =>
    command
      .description("Show the report of a run in the browser, up to date while the run goes on")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("-p, --port <n>", "port on 127.0.0.1 (default: any free one)", integerFlag(0, 65_535), 0)
      .option("--open", "open it in the browser")
      .option("--price-per-hour <usd>", "what an hour of the machine costs, for the costs", amountFlag)
      .addOption(storeOption())
      .addHelpText(
        "after",
        `
Only this machine can reach it, and only with the whole address that is printed. Ctrl-C ends it.

Examples:
  nightsweep serve quickstart --open
  nightsweep serve quickstart --store s3://bucket/prefix`,
      )
      .action((experiment: string, options: ServeOptions) => asCliError(() => serve(experiment, options))),
};

async function serve(experiment: string, options: ServeOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const [{ followReport, renderVersion }, { startReportServer }, { renderHtmlReport }, { loadReportAssets }] =
    await Promise.all([
      import("../../orchestrate/serve/live-report.ts"),
      import("../../orchestrate/serve/report-server.ts"),
      import("../../report/render-html.ts"),
      import("../../report/report-assets.ts"),
    ]);
  const stop = stopSignal();
  const { pricePerHour } = options;
  const server = await startReportServer({
    page: renderHtmlReport(null, { assets: await loadReportAssets(), isLive: true }),
    first: await renderVersion(store, run, pricePerHour),
    port: options.port,
    token: randomBytes(18).toString("base64url"),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    const problem = error.code === "EACCES" ? "may not be used" : "is in use";
    throw new CliError(exitCodes.usage, `port ${options.port} ${problem}; leave --port out to get a free one`);
  });
  process.stdout.write(`${server.url}\n`);
  process.stderr.write(`Serving run ${run.runId} of ${run.experiment} to this machine. Ctrl-C ends it.\n`);
  if (options.open === true) await open(server.url);
  await followReport(
    store,
    run,
    { onUpdate: (version) => server.show(version), onProblem: (problem) => server.tell(problem) },
    { stop, pricePerHour },
  );
  await server.close();
}

async function open(url: string): Promise<void> {
  const { openInBrowser } = await import("../open-in-browser.ts");
  if (!(await openInBrowser(url))) process.stderr.write(`There is no program to open it with: open ${url} yourself.\n`);
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

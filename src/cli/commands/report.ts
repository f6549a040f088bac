import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { exitCodes } from "../../contract/exit-codes.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { amountFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface ReportOptions {
  readonly store: string;
  readonly run?: string;
  readonly file?: string;
  readonly images?: true;
  readonly open?: true;
  readonly pricePerHour?: number;
  readonly output: OutputFormat;
}

/** `nightsweep report`: the comparison of a run as one self-contained HTML file. */
export const reportCommand: CommandDeclaration = {
  name: "report",
  configure: (command) =>
    command
      .description("Write the comparison of a run as one self-contained HTML file")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .option("-f, --file <path>", "where to write it (default: report/index.html in the run's record)")
      .option("--images", "also show pictures: training samples, test examples with predictions, mistakes")
      .option("--open", "open it in the browser")
      .option("--price-per-hour <usd>", "what an hour of the machine cost, for the costs", amountFlag)
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Data of more than 20 MiB go to a folder beside the page, which is then needed as well.

Example:
  nightsweep report quickstart --file report.html --open`,
      )
      .action((experiment: string, options: ReportOptions) => asCliError(() => report(experiment, options))),
};

/** Where a report goes to. */
interface Destination {
  /** Where people find the page. */
  readonly file: string;
  readonly blockFolder: string;
  /** Writes a file, by its path relative to the page. */
  readonly save: (name: string, bytes: Uint8Array) => Promise<void>;
}

async function report(experiment: string, options: ReportOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const [{ renderRunReport }, { collectGallery }] = await Promise.all([
    import("../../orchestrate/render-run-report.ts"),
    import("../../orchestrate/collect-gallery.ts"),
  ]);
  const { file, blockFolder, save } = await destinationOf(store, run, options);
  const collectPictures = options.images === true ? collectGallery : undefined;
  const { pricePerHour } = options;
  const written = await renderRunReport(store, run, { collectPictures, pricePerHour, blockFolder, save });
  if ("problem" in written) throw new CliError(exitCodes.invalidInput, written.problem);
  await save(path.basename(file), written.html);
  const { bytes, fileCount, leftOut } = written;
  const json = { schemaVersion: 1, file, runId: run.runId, bytes, fileCount, leftOut };
  await printResult(
    {
      json,
      table: {
        columns: [
          { key: "file", label: "file", align: "left" },
          { key: "bytes", label: "bytes", align: "right" },
        ],
        rows: [{ file, bytes }],
      },
      human: () => humanLines(file, blockFolder, written).join("\n"),
    },
    options.output,
  );
  if (options.open === true) await open(file);
}

async function destinationOf(store: Store, run: RunDocument, { file, store: location }: ReportOptions) {
  if (file !== undefined) return fileDestination(path.resolve(file));
  const { locateObject } = await import("../../record/open-store.ts");
  const key = objectKeys.report(objectKeys.run(run.experiment, run.runId));
  return {
    file: locateObject(location, key),
    blockFolder: "index-data",
    save: (name, bytes) => store.put(path.posix.join(path.posix.dirname(key), name), bytes),
  } satisfies Destination;
}

function fileDestination(file: string): Destination {
  const folder = path.dirname(file);
  return {
    file,
    blockFolder: `${path.basename(file, path.extname(file))}-data`,
    async save(name, bytes) {
      const target = path.join(folder, name);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, bytes);
    },
  };
}

function humanLines(
  file: string,
  blockFolder: string,
  { bytes, fileCount, leftOut }: { bytes: number; fileCount: number; leftOut: readonly string[] },
): string[] {
  const size = `${Math.ceil(bytes / 1024)} KiB`;
  return [
    fileCount === 0
      ? `${file} (${size}): open it in any browser`
      : `${file} (${size} with the ${fileCount} files of ${blockFolder}/ beside it, which it needs): open it in any browser`,
    ...leftOut.map((text) => `Left out: ${text}`),
  ];
}

async function open(file: string): Promise<void> {
  const { openInBrowser } = await import("../open-in-browser.ts");
  if (file.startsWith("s3://")) {
    process.stderr.write("A browser can't open a page in a bucket: add --file report.html, or use nightsweep serve.\n");
  } else if (!(await openInBrowser(file))) {
    process.stderr.write(`There is no program to open it with: open ${file} yourself.\n`);
  }
}

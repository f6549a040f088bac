import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { renderRunReport } from "../../src/orchestrate/render-run-report.ts";
import type { RunDocument } from "../../src/record/run-records.ts";
import type { Store } from "../../src/record/store.ts";
import type { WrittenReport } from "../../src/report/write-html-report.ts";
import { reportClient } from "./report-client.ts";

/** A report in a folder. */
export interface ReportInFolder extends WrittenReport {
  /** The page. */
  readonly file: string;
  readonly seconds: number;
}

/** Writes the report of a run into a folder. */
export async function writeReport(store: Store, run: RunDocument, folder: string): Promise<ReportInFolder> {
  const begin = performance.now();
  const save = (name: string, bytes: Uint8Array): Promise<void> => {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    return Promise.resolve(writeFileSync(path.join(folder, name), bytes));
  };
  const written = await renderRunReport(store, run, { blockFolder: "report-data", assets: await reportClient(), save });
  if ("problem" in written) throw new Error(written.problem);
  await save("report.html", written.html);
  return { ...written, file: path.join(folder, "report.html"), seconds: (performance.now() - begin) / 1000 };
}

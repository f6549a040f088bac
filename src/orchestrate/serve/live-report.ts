import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { pollIntervalMs } from "../../record/poll-interval.ts";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { packReportData } from "../../report/render-html.ts";
import type { BlockEntry, ReportData } from "../../report/report-data.ts";
import { prepareRunReport } from "../render-run-report.ts";
import { rememberFinished } from "./remembering-store.ts";

const compress = promisify(gzip);

/** A report as it was at one moment, as gzip. */
export interface ReportVersion {
  /** Differs whenever the report differs. */
  readonly version: string;
  readonly data: Uint8Array;
  readonly blocks: ReadonlyMap<string, Uint8Array>;
}

/** What is told about a report that goes on. */
export interface ReportListener {
  readonly onUpdate: (version: ReportVersion) => void;
  /** The records can't be read at the moment; tried again. */
  readonly onProblem: (message: string) => void;
}

/** Reading and rendering take at most this part of the time: a long run must not keep a core busy. */
const restFactor = 5;

/**
 * Reads the records of a run again and again until it is stopped, and tells whenever the report has changed.
 * @param options.pricePerHour of machine time, in USD; absent = as the experiment says
 */
export async function followReport(
  source: Store,
  run: RunDocument,
  listener: ReportListener,
  options: { readonly stop: AbortSignal; readonly pricePerHour?: number | undefined },
): Promise<void> {
  const store = rememberFinished(source);
  let last = "";
  while (!options.stop.aborted) {
    const begin = performance.now();
    try {
      const next = await renderVersion(store, run, options.pricePerHour);
      if (next.version !== last) listener.onUpdate(next);
      last = next.version;
    } catch (error) {
      listener.onProblem(error instanceof Error ? error.message : String(error));
    }
    const pause = Math.max(pollIntervalMs(source), restFactor * (performance.now() - begin));
    await sleep(pause, undefined, { signal: options.stop }).catch(() => undefined);
  }
}

/** The report of a run as it is now. */
export async function renderVersion(
  store: Store,
  run: RunDocument,
  pricePerHour: number | undefined,
): Promise<ReportVersion> {
  const prepared = await prepareRunReport(store, run, { pricePerHour });
  if ("problem" in prepared) throw new Error(prepared.problem);
  const blocks = new Map<string, Uint8Array>();
  const entries: BlockEntry[] = [];
  const hash = createHash("sha256");
  for await (const { bytes, ...entry } of prepared.blocks) {
    const packed = await compress(bytes);
    hash.update(packed);
    blocks.set(entry.name, packed);
    entries.push(entry);
  }
  const report: ReportData = { ...prepared.finish(), blocks: entries };
  const data = packReportData(report);
  return { version: hash.update(data).digest("hex").slice(0, 16), data, blocks };
}

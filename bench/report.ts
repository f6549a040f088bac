// What the HTML report of a large run costs: seconds and memory to write it, its size, and how long people wait for it in
// Chromium. Records are made up while they are read, which is in the time: reading them from a disk or a bucket comes
// instead.
// Run: npm run bench -- report [trials …], default 1000 10000 100000 (100 epochs each, 2 seeds a configuration).
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../test/report/open-browser.ts";
import { measureInBrowser } from "./report/browser-times.ts";
import { syntheticRun } from "./report/synthetic-store.ts";
import { writeReport } from "./report/write-report.ts";

/** What writing a report came to. */
interface Written {
  readonly trials: number;
  readonly writeSeconds: number;
  /** Of these, what making the records up took. */
  readonly makeUpSeconds: number;
  readonly peakMebibytes: number;
  readonly mebibytes: number;
  readonly filesBeside: number;
}

const [first, ...others] = process.argv.slice(2);
if (first === "write") console.log(JSON.stringify(await write(Number(others[0]), others[1] ?? "")));
else await measureAll([first, ...others].map(Number).filter((size) => size > 0));

/** Writes one report, in a process of its own so that its memory is its own. */
async function write(trials: number, folder: string): Promise<Written> {
  const { store, run, spentMs } = syntheticRun(trials);
  const { seconds, bytes, fileCount } = await writeReport(store, run, folder);
  return {
    trials,
    writeSeconds: seconds,
    makeUpSeconds: spentMs() / 1000,
    peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
    mebibytes: bytes / 2 ** 20,
    filesBeside: fileCount,
  };
}

async function measureAll(given: readonly number[]): Promise<void> {
  const { browser, reason } = await openBrowser();
  if (!browser) throw new Error(`there is no Chromium: ${reason}`);
  const figures = [];
  for (const trials of given.length > 0 ? given : [1000, 10_000, 100_000]) {
    const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-bench-report-"));
    try {
      const output = execFileSync(
        process.execPath,
        ["--import", "tsx", fileURLToPath(import.meta.url), "write", String(trials), folder],
        { encoding: "utf8", maxBuffer: 2 ** 24 },
      );
      const written: Written = JSON.parse(output);
      const times = await measureInBrowser(browser, path.join(folder, "report.html"));
      figures.push({ ...written, ...times });
      console.log(JSON.stringify(figures.at(-1)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  await browser.close();
  console.log(JSON.stringify({ bench: "report", figures }));
}

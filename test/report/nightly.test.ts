import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { judgeNights } from "../../src/compare/nightly/judge-nights.ts";
import type { NightPoint } from "../../src/compare/nightly/nightly-types.ts";
import { collectNightly, nightlyWarning } from "../../src/report/collect-nightly.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import { renderHtmlReport } from "../../src/report/render-html.ts";
import { buildClient } from "./build-client.ts";
import { openBrowser } from "./open-browser.ts";
import { openFromDisk } from "./opened-report.ts";
import { sampleRecords } from "./sample-records.ts";

const { browser } = await openBrowser();

const rules = {
  metric: "testAccuracy",
  minimumEffect: 0.005,
  level: 0.05,
  minimumNights: 5,
  confirm: true,
  better: "higher",
} as const;

/** Ten good nights, one that is missing, and two that are three points worse. */
function points(): NightPoint[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13].map((day) => {
    const level = day < 12 ? 0.98 : 0.95;
    const date = `2026-11-${String(day).padStart(2, "0")}`;
    return {
      date,
      runId: `run-${day}`,
      configurationId: "c0nf",
      circumstances: {
        nightsweep: "0.1.0",
        resultsVersion: 1,
        commit: (day < 12 ? "a" : "b").repeat(40),
        origin: "git@github.com:someone/models.git",
      },
      seeds: [1, 2, 3].map((seed) => ({ seed, value: level + 0.0004 * ((day * 7 + seed * 3) % 5) })),
      missing: [],
    };
  });
}

const nightly = collectNightly({
  rules,
  gaps: ["2026-11-11", "2026-11-14", "2026-11-15"].map((date) => ({ date, reason: "no run was written down" })),
  series: [
    {
      key: { benchmark: "mnist", values: {}, seeds: [1, 2, 3], device: "cpu", dataSha256: "0", engine: "wasm" },
      ...judgeNights(points(), rules),
    },
  ].map((series) => ({ ...series, latest: series.nights[0] as never, changes: { lines: [] } })),
});

describe("the nights of a benchmark in a report", () => {
  let folder = "";
  let assets: ReportAssets;

  beforeAll(async () => {
    folder = buildClient();
    assets = await loadReportAssets(folder);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await browser?.close();
  });

  test("a drop is told with its night, its limit and what was committed before it", () => {
    const [series] = nightly.series;
    const dropped = series?.nights.find(({ date }) => date === "2026-11-12");

    expect(nightly).toMatchObject({ metric: "test accuracy", isShare: true });
    expect(series?.title).toBe("mnist · cpu, wasm, seeds 1, 2, 3");
    expect(["suspect", "regressed"]).toContain(dropped?.verdict);
    expect(dropped?.limit).toBeGreaterThan(dropped?.mean ?? 1);
    expect(dropped?.commitUrl).toBe(`https://github.com/someone/models/compare/${"a".repeat(40)}...${"b".repeat(40)}`);
    expect(series?.nights[3]?.commitUrl).toBeUndefined();
  });

  test("the verdict of a report says that its night is worse, and of a good night nothing", () => {
    expect(nightlyWarning(nightly, "run-13")).toMatch(
      /^By test accuracy, this night is (suspect|regressed): .*[^.]\.$/,
    );
    expect(nightlyWarning(nightly, "run-10")).toBeUndefined();
    expect(nightlyWarning(nightly, "another")).toBeUndefined();
  });

  test.skipIf(browser === undefined)("they are drawn, and the table links the commits", async () => {
    if (!browser) throw new Error("there is no browser");
    const records = sampleRecords();
    const data = { ...collectReportData(records, compareRun(records)), nightly, blocks: [], leftOut: [] };
    const html = new TextEncoder().encode(renderHtmlReport(data, { assets }));
    const { page, complaints } = await openFromDisk(browser, path.join(folder, "nights.html"), html);

    const rows = page.getByRole("region", { name: /^Nights of mnist/ }).locator("tbody tr");

    expect(await rows.count()).toBe(14);
    expect(await rows.nth(0).textContent()).toBe("2026-11-14 to 2026-11-15–missingno run was written down–");
    expect(await rows.nth(3).textContent()).toBe("2026-11-11–missingno run was written down–");
    expect(await rows.nth(2).getByRole("link").getAttribute("href")).toContain("/compare/aaaa");
    expect(await page.getByRole("img", { name: "test accuracy night by night" }).count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

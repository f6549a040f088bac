import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { confusionDiff } from "../../src/compare/confusion-diff.ts";
import { confusionOf } from "../../src/compare/confusion-of.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import { renderHtmlReport } from "../../src/report/render-html.ts";
import { buildClient } from "./build-client.ts";
import { openBrowser } from "./open-browser.ts";
import { sampleRecords, type SampleOptions } from "./sample-records.ts";

const { browser, reason } = await openBrowser();
const contrastScript = readFileSync(new URL("./contrast.page.js", import.meta.url), "utf8");

afterAll(() => browser?.close());

const isRequired = Boolean(process.env["CI"]);
if (reason !== undefined && !isRequired) console.warn(`The report is not tested in a browser: ${reason}`);

test.skipIf(reason !== undefined && !isRequired)("Chromium starts", () => {
  expect(reason).toBeUndefined();
});

describe.skipIf(browser === undefined)("the HTML report in a browser", () => {
  let folder: string;
  const pages: Page[] = [];
  let assets: ReportAssets;

  beforeAll(async () => {
    folder = buildClient();
    assets = await loadReportAssets(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
  });

  /** Opens the report of a sample run from disk and keeps what the page asked for and complained about. */
  async function openReport(sample: SampleOptions = {}, options: BrowserContextOptions = {}) {
    const file = path.join(folder, "index.html");
    writeFileSync(file, renderHtmlReport(collectReportData(sampleRecords(sample)), assets));
    const context = await browser?.newContext({
      locale: "en-US",
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    const page = await context?.newPage();
    if (!page) throw new Error("there is no browser");
    pages.push(page);
    page.setDefaultTimeout(10_000);
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return { page, requests, complaints, url: pathToFileURL(file).href };
  }

  test("opens from disk, asks for nothing but the file and complains about nothing", async () => {
    const { page, requests, complaints, url } = await openReport();

    await page.getByRole("button", { name: "accuracy", exact: true }).click();
    await page.getByRole("button", { name: "logarithmic" }).click();
    await page.getByText("The same figures as a table").click();
    await page.emulateMedia({ colorScheme: "dark" });

    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("mnist-two-models");
    expect(requests).toEqual([url]);
    expect(complaints).toEqual([]);
  });

  test("the policy in the file stops a script that somebody adds to it", async () => {
    const { page, complaints } = await openReport();

    await page.evaluate(
      `{ const script = document.createElement("script"); try { script.textContent = "window.added = 1" } catch {} document.body.append(script) }`,
    );

    expect(await page.evaluate("window.added")).toBeUndefined();
    expect(complaints.join()).toMatch(/TrustedScript|Content Security Policy/);
  });

  test("the leaderboard is ranked at first and sorts by any column", async () => {
    const { page } = await openReport();
    const leaderboard = page.getByRole("region", { name: "Leaderboard" });
    const losses = () => leaderboard.locator("tbody tr td:nth-child(7)").allTextContents();
    const means = compareRun(sampleRecords())
      .configurations.map(({ metrics }) => metrics.testLoss?.mean ?? 0)
      .map((mean) => mean.toFixed(4));

    expect((await losses()).map((text) => text.split(" ")[0])).toEqual(means);

    const sortByLoss = leaderboard.getByRole("button", { name: "test loss" });
    await sortByLoss.click();
    await sortByLoss.click();

    expect((await losses()).map((text) => text.split(" ")[0])).toEqual([...means].sort().reverse());
    expect(await leaderboard.locator("th[aria-sort=descending]").textContent()).toBe("test loss");
  });

  test("unfolding a configuration shows its seeds and why one failed", async () => {
    const { page } = await openReport();
    const leaderboard = page.getByRole("region", { name: "Leaderboard" });

    await leaderboard.getByRole("button", { name: "rank none, seeds of mlp · learningRate 0.01" }).click();

    const seeds = await leaderboard.locator("tr.replicate").allTextContents();
    expect(seeds).toHaveLength(3);
    expect(seeds[2]).toContain("The loss is NaN at step 412 (learning rate 0.01). (diverged, attempt 1)");
  });

  test("the matrix shows the counts of the chosen configuration or trial", async () => {
    const { page } = await openReport();
    const records = sampleRecords();
    const [first] = compareRun(records).configurations;
    const trial = records.trials[4]?.trial;
    if (!first || !trial) throw new Error("the sample has no such trial");
    const matrix = page.locator("#confusion table.matrix");
    const summed = confusionOf(records, { type: "configuration", configurationId: first.configurationId });
    const single = confusionOf(records, { type: "trial", trialId: trial.id });

    expect(await numbersOf(matrix)).toEqual(summed.counts);

    await page
      .getByRole("combobox", { name: "Of", exact: true })
      .selectOption({ label: "lenet5 · learningRate 0.01 · seed 2" });

    expect(await numbersOf(matrix)).toEqual(single.counts);
  });

  test("the per-class table shows the figures of the chosen matrix and sorts", async () => {
    const { page } = await openReport();
    const records = sampleRecords();
    const [first] = compareRun(records).configurations;
    if (!first) throw new Error("the sample has no configuration");
    const { classes } = confusionOf(records, { type: "configuration", configurationId: first.configurationId });
    const table = page.getByRole("region", { name: "Figures by class" });

    await table.getByRole("button", { name: "FP" }).click();

    const falsePositives = await table.locator("tbody td:nth-child(4)").allTextContents();
    expect(falsePositives.map(Number)).toEqual(classes.map((entry) => entry.falsePositives).sort((a, b) => b - a));
  });

  test("the difference shows A − B per trial and swaps", async () => {
    const { page } = await openReport();
    const records = sampleRecords();
    const [a, b] = compareRun(records)
      .configurations.slice(0, 2)
      .map(({ configurationId }) => confusionOf(records, { type: "configuration", configurationId }));
    if (!a || !b) throw new Error("the sample has fewer than two configurations");
    const matrix = page.locator("#difference table.matrix");
    const rounded = (diff: ReturnType<typeof confusionDiff>) =>
      diff.counts.map((row) => row.map((value) => Number(value.toFixed(1)) || 0));

    expect(await numbersOf(matrix)).toEqual(rounded(confusionDiff(a, b)));

    await page.getByRole("button", { name: "Swap A and B" }).click();

    expect(await numbersOf(matrix)).toEqual(rounded(confusionDiff(b, a)));
  });

  test("arrow keys move through the matrix and the cell is told in words", async () => {
    const { page } = await openReport({ classNames: ["zero", "one", "two"], examplesPerClass: 100 });
    const matrix = page.locator("#confusion table.matrix");

    await matrix.locator("tbody td").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");

    expect(await page.locator("#confusion .readout").textContent()).toMatch(/^one predicted as two: \d+ of 300 \(/);
  });

  test("hiding a configuration takes it out of the chart and its table", async () => {
    const { page } = await openReport();
    await page.getByText("The same figures as a table").click();
    const table = page.getByRole("region", { name: "Table of the learning curves" });
    const columns = () => table.locator("thead th").allTextContents();

    await page
      .getByRole("group", { name: "Configurations" })
      .getByRole("button", { name: "mlp · learningRate 0.01" })
      .click();

    expect(await columns()).toHaveLength(1 + 3 * 2);
    expect((await columns()).join()).not.toContain("mlp · learningRate 0.01,");
  });

  test("names that look like HTML are shown as text", async () => {
    const hostile = `</script><img src=x onerror="window.hacked=1"><!--`;
    const { page, requests, complaints } = await openReport({
      experiment: hostile,
      description: hostile,
      classNames: Array.from({ length: 3 }, (_, index) => `${hostile}${index}`),
      modelNames: [hostile, "mlp"],
      failureReason: hostile,
    });

    await page.getByRole("button", { name: "rank none" }).click();

    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(hostile);
    expect(await page.title()).toBe(`${hostile} · nightsweep report`);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("img").count()).toBe(0);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  test.each(["light", "dark"] as const)("every text is readable in the %s scheme", async (colorScheme) => {
    const { page } = await openReport({}, { colorScheme });
    await page.getByRole("button", { name: "rank none" }).click();
    await page.getByText("The same figures as a table").click();

    const { count, poor } = await page.evaluate<{ count: number; poor: string[] }>(contrastScript);

    expect(count).toBeGreaterThan(300);
    expect(poor).toEqual([]);
  });

  test("a phone shows it without scrolling the page sideways", async () => {
    const { page } = await openReport({}, { viewport: { width: 390, height: 844 }, isMobile: true });

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  test("100 classes stay usable: every cell can be pointed at", async () => {
    const { page, complaints } = await openReport({
      classNames: Array.from({ length: 100 }, (_, index) => `kind ${index}`),
      examplesPerClass: 100,
    });
    const cells = page.locator("#confusion table.matrix tbody td:not(.total)");

    await cells.last().hover();

    expect(await cells.count()).toBe(10_000);
    expect(await page.locator("#confusion .readout").textContent()).toMatch(/^kind 99 rightly predicted as kind 99/);
    expect(complaints).toEqual([]);
  });

  test("one configuration with one seed has no interval and no difference, and says so", async () => {
    const { page, complaints } = await openReport({ seeds: [1], configurationCount: 1, hasFailure: false });

    expect(await page.locator(".notes").textContent()).toContain("Only one seed is finished");
    expect(await page.getByRole("heading", { name: "Difference of two" }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("a run without a finished trial says so", async () => {
    const { page, complaints } = await openReport({ seeds: [1], configurationCount: 1 });

    expect(await page.locator(".verdict").textContent()).toBe("The only trial failed.");
    expect(complaints).toEqual([]);
  });
});

/** The numbers in a matrix' cells, without its totals; a true minus sign is read as one. */
async function numbersOf(matrix: Locator): Promise<number[][]> {
  const rows = await matrix.locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const texts = await row.locator("td:not(.total)").allTextContents();
      return texts.map((text) => Number(text.replace("−", "-")));
    }),
  );
}

import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import axe from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { confusionDiff } from "../../src/compare/confusion-diff.ts";
import { confusionOf } from "../../src/compare/confusion-of.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import { buildClient } from "./build-client.ts";
import { openBrowser } from "./open-browser.ts";
import { openFromDisk } from "./opened-report.ts";
import { renderRecords, type RenderOptions } from "./render-sample.ts";
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

  /** Opens the report of a sample run from disk. */
  async function openReport(
    sample: SampleOptions = {},
    options: BrowserContextOptions = {},
    rendering: Omit<RenderOptions, "assets"> = {},
  ) {
    if (!browser) throw new Error("there is no browser");
    const { html } = await renderRecords(sampleRecords(sample), { assets, ...rendering });
    const opened = await openFromDisk(browser, path.join(folder, "index.html"), html, options);
    pages.push(opened.page);
    return opened;
  }

  test("opens from disk, asks for nothing but the file and complains about nothing", async () => {
    const { page, requests, complaints, url } = await openReport();

    await page.getByRole("button", { name: "accuracy", exact: true }).click();
    await page.getByRole("group", { name: "Logarithmic" }).first().getByRole("button", { name: "up" }).click();
    await page.locator("#curves").getByText("The same figures as a table").click();
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

  test("the matrix of a single trial is the recorded one", async () => {
    const { page } = await openReport();
    const records = sampleRecords();
    const trial = compareRun(records).configurations[0]?.metrics.testAccuracy?.best;
    if (!trial) throw new Error("the sample has no finished trial");

    await page
      .locator("#confusion")
      .getByLabel("Seeds")
      .selectOption({ label: `seed ${trial.seed}` });

    const single = confusionOf(records, { type: "trial", trialId: trial.trialId });
    expect(await numbersOf(page.locator("#confusion table.matrix"))).toEqual(single.counts);
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

  test("arrow keys move through the matrix, the cell is told in words, and Enter shows its examples", async () => {
    const { page } = await openReport({ classNames: ["zero", "one", "two"], examplesPerClass: 100 });
    const matrix = page.locator("#confusion table.matrix");

    await matrix.locator("tbody td").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");

    const words = await page.locator("#confusion .readout").textContent();
    expect(words).toMatch(/^one predicted as two: \d+ of 300 \(/);

    await page.keyboard.press("Enter");

    const examples = page.getByRole("region", { name: "Test examples: one predicted as two" });
    await examples.getByText("surest first").waitFor();
    expect(await examples.getByText("✗ two").count()).toBeGreaterThan(0);
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

    await page.getByRole("button", { name: "rank –" }).click();

    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(hostile);
    expect(await page.title()).toBe(`${hostile} · nightsweep report`);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("img").count()).toBe(0);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  test.each(["light", "dark"] as const)("every text is readable in the %s scheme", async (colorScheme) => {
    const { page } = await openReport({}, { colorScheme });
    await unfoldEverything(page);

    const { count, poor } = await page.evaluate<{ count: number; poor: string[] }>(contrastScript);

    expect(count).toBeGreaterThan(300);
    expect(poor).toEqual([]);
  });

  test.each(["light", "dark"] as const)("axe finds no violation in the %s scheme", async (colorScheme) => {
    const { page } = await openReport({}, { colorScheme }, { hasPictures: true, pricePerHour: 0.5 });
    await unfoldEverything(page);
    await page.locator("#confusion table.matrix tbody td").nth(1).click();

    const violations = await page.evaluate<string[]>(
      `${axe.source}; axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 120))))`,
    );

    expect(violations).toEqual([]);
  });

  test("a phone shows it without scrolling the page sideways", async () => {
    const { page } = await openReport({}, { viewport: { width: 390, height: 844 }, isMobile: true });
    await unfoldEverything(page);

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  test("300 classes stay usable: arrow keys reach every cell of the drawn matrix", async () => {
    const { page, complaints } = await openReport({
      classNames: Array.from({ length: 300 }, (_, index) => `kind ${index}`),
      examplesPerClass: 30,
    });
    const readout = page.locator("#confusion .readout").first();

    await page.locator("#confusion .matrix-canvas").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");

    expect(await readout.textContent()).toMatch(/^kind 1 rightly predicted as kind 1: \d+ of 90/);
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

/** Opens all that is folded, so that it is looked at too. */
async function unfoldEverything(page: Page): Promise<void> {
  await page.getByRole("button", { name: "rank –" }).click();
  for (const summary of await page.locator("summary").all()) await summary.click();
}

/** The numbers in a matrix' cells, without its totals; a true minus sign is read as one. */
async function numbersOf(matrix: Locator): Promise<number[][]> {
  await matrix.waitFor();
  const rows = await matrix.locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const texts = await row.locator("td:not(.total)").allTextContents();
      return texts.map((text) => Number(text.replace("−", "-")));
    }),
  );
}

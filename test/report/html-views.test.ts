import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import { buildClient } from "./build-client.ts";
import { pText } from "../../src/report/number-formats.ts";
import { openBrowser } from "./open-browser.ts";
import { openFromDisk } from "./opened-report.ts";
import { mistakesOf, renderRecords, type RenderOptions } from "./render-sample.ts";
import { sampleRecords, type SampleOptions } from "./sample-records.ts";

const { browser } = await openBrowser();

afterAll(() => browser?.close());

describe.skipIf(browser === undefined)("the linked views of the HTML report", () => {
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

  async function openReport(
    options: BrowserContextOptions & { readonly hash?: string } = {},
    { sample = {}, ...rendering }: Omit<RenderOptions, "assets"> & { readonly sample?: SampleOptions } = {},
  ) {
    if (!browser) throw new Error("there is no browser");
    const { html } = await renderRecords(sampleRecords(sample), { assets, ...rendering });
    const opened = await openFromDisk(browser, path.join(folder, "views.html"), html, options);
    pages.push(opened.page);
    return opened.page;
  }

  const rowsOf = (page: Page) => page.locator("table.board tbody tr:not(.replicate):not(.group-row)");
  /** Model and learning rate of the shown rows. */
  const shownRows = async (page: Page): Promise<string[]> => {
    const rows = await rowsOf(page).all();
    return Promise.all(rows.map(async (row) => (await row.locator("td").allTextContents()).slice(0, 2).join(" ")));
  };
  const hashOf = (page: Page): string => decodeURIComponent(new URL(page.url()).hash);

  test("the leaderboard is ranked at first and sorts by any column, also by keyboard", async () => {
    const page = await openReport();
    const ranked = compareRun(sampleRecords()).configurations.map(
      ({ values }) => `${String(values["model"])} ${String(values["training.optimizer.learningRate"])}`,
    );
    expect(await shownRows(page)).toEqual(ranked);

    await page.locator("table.board").getByRole("button", { name: "learningRate", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");

    const rates = (await shownRows(page)).map((row) => Number(row.split(" ")[1]));
    expect(rates).toEqual([0.01, 0.01, 0.001, 0.001]);
    expect(hashOf(page)).toBe("#&sort=-training.optimizer.learningRate");
  });

  test("an unfolded configuration shows its seeds and why one failed", async () => {
    const page = await openReport();

    await page.getByRole("button", { name: "rank –" }).click();

    const seeds = await page.locator("table.board .replicate").allTextContents();
    expect(seeds).toHaveLength(4);
    expect(seeds.at(-1)).toContain("The loss is NaN at step 412");
    expect(await page.getByRole("region", { name: "Failed trials" }).textContent()).toContain("The loss is NaN");
  });

  test("words, ranges and categories filter all views, and chips take filters away", async () => {
    const page = await openReport();
    await page.getByText("Filters", { exact: false }).first().click();

    await page.getByLabel("learningRate from").fill("0.005");
    await page.getByLabel("learningRate from").press("Enter");
    await page.getByRole("group", { name: "model" }).getByLabel("mlp").click();

    expect(await shownRows(page)).toEqual(["lenet5 0.01"]);
    expect(hashOf(page)).toBe("#&where=training.optimizer.learningRate:0.005..Infinity;model=lenet5");
    const drawn = page.getByRole("group", { name: "Drawn configurations" }).getByRole("button");
    expect(await drawn.allTextContents()).toHaveLength(1);

    await page.getByRole("button", { name: "remove: model: lenet5" }).click();
    await page.getByRole("searchbox").fill("mlp 0.01");

    expect(await shownRows(page)).toEqual(["mlp 0.01"]);
  });

  test("an address brings the same view back", async () => {
    const page = await openReport({ hash: "curves&q=mlp&differ=0&curve=Accuracy&logy=1&over=step" });

    expect(await shownRows(page)).toEqual(["mlp 0.001", "mlp 0.01"]);
    expect(await page.getByRole("button", { name: "accuracy", exact: true }).getAttribute("aria-pressed")).toBe("true");
    expect(await page.getByRole("img", { name: "accuracy over optimizer steps" }).count()).toBe(1);
    await expect.poll(() => page.evaluate("scrollY")).toBeGreaterThan(300);
  });

  test("ticked configurations are drawn in the curves, and the table has their figures", async () => {
    const page = await openReport();
    const [best] = compareRun(sampleRecords()).configurations;

    await page.getByRole("checkbox", { name: "draw mlp · learningRate 0.001" }).check();
    await page.getByRole("checkbox", { name: "draw lenet5 · learningRate 0.001" }).check();
    await page.locator("#curves").getByText("The same figures as a table").click();

    const columns = await page
      .getByRole("region", { name: "Table of the learning curves" })
      .locator("th")
      .allTextContents();
    expect(columns.slice(0, 5)).toEqual([
      "epoch",
      "mlp · learningRate 0.001, validation",
      "mlp · learningRate 0.001, training",
      "lenet5 · learningRate 0.001, validation",
      "lenet5 · learningRate 0.001, training",
    ]);
    const last = await page
      .getByRole("region", { name: "Table of the learning curves" })
      .locator("tr")
      .last()
      .allTextContents();
    expect(last.join()).toContain((best?.metrics.validationLoss?.mean ?? 0).toFixed(4));
  });

  test("over steps, training figures are those of the step log, validation figures those of the epochs", async () => {
    const page = await openReport({ hash: "curves&over=step" }, { sample: { hasStepLog: true } });

    await page.locator("#curves").getByText("The same figures as a table").click();

    const table = page.getByRole("region", { name: "Table of the learning curves" });
    const second = await table.locator("tbody tr").nth(1).locator("th, td").allTextContents();
    const columns = await table.locator("th[scope=col]").allTextContents();
    expect(columns[0]).toBe("step");
    expect(columns[2]).toMatch(/, training$/);
    expect(second.slice(0, 3)).toEqual(["40", "–", "1.9600"]);
  });

  test("a baseline is pinned and every figure says how it differs", async () => {
    const page = await openReport();
    const [first, second] = compareRun(sampleRecords()).configurations;
    const difference = 100 * ((second?.metrics.testAccuracy?.mean ?? 0) - (first?.metrics.testAccuracy?.mean ?? 0));

    await page.getByRole("button", { name: "rank 1, seeds of" }).click();
    await page.getByRole("button", { name: "compare others with it" }).click();

    const row = rowsOf(page).nth(2);
    const shown = (await row.locator(".delta").allTextContents()).map((text) => text.replace("−", "-"));
    expect(shown).toContain(difference.toFixed(2));
    expect(await rowsOf(page).first().textContent()).toContain("baseline");
  });

  test("against a pinned baseline that is not the best, the tests are those that compare --baseline makes", async () => {
    const page = await openReport();
    const records = sampleRecords();
    const second = compareRun(records).configurations[1];
    if (second === undefined) throw new Error("there is no second configuration");
    const { configurations, tests } = compareRun(records, { baselineId: second.configurationId });
    const expected = configurations.flatMap(({ configurationId }) => {
      const test = tests?.tests.find((candidate) => candidate.configurationId === configurationId);
      const p = test?.welch?.adjustedP;
      return p === undefined ? [] : [[pText(p), pText(test?.paired?.adjustedP ?? Number.NaN)]];
    });

    await page.getByRole("button", { name: "rank 2", exact: false }).click();
    await page.getByRole("button", { name: "compare others with it" }).click();

    const place = (await page.locator("table.board thead th").allTextContents()).findIndex((text) =>
      text.startsWith("than the baseline?"),
    );
    const cells = await page
      .locator(`table.board tbody tr[aria-rowindex] > :nth-child(${place + 1})`)
      .allTextContents();
    const tested = cells.flatMap((text) => {
      const found = [...text.matchAll(/p [=<] [\d.e-]+/g)].map(([p]) => p);
      return found.length === 0 ? [] : [found];
    });
    expect(expected.length).toBeGreaterThan(1);
    expect(tested).toEqual(expected);
  });

  test("groups have a heading, and only columns that differ are shown", async () => {
    const page = await openReport();

    await page.getByLabel("Group by").selectOption({ label: "model" });

    const headings = await page.locator("table.board .group-row").allTextContents();
    expect(headings).toEqual(["model: lenet5 2 configurations", "model: mlp 2 configurations"]);

    await page.getByRole("searchbox").fill("lenet5");

    const columns = await page.locator("table.board thead th").allTextContents();
    expect(columns).toContain("learningRate");
    expect(columns).not.toContain("model");
  });

  test("a rectangle in the scatter plot and a range on an axis filter the leaderboard", async () => {
    const page = await openReport();
    const plot = page.locator("#scatter .plot");
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (!box) throw new Error("there is no scatter plot");

    await page.mouse.move(box.x + 80, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 30, box.y + box.height * 0.45);
    await page.mouse.up();

    const brushed = await rowsOf(page).count();
    expect(brushed).toBeGreaterThan(0);
    expect(brushed).toBeLessThan(4);
    expect(hashOf(page)).toContain("validationAccuracy:");

    const chips = page.locator(".chip");
    while ((await chips.count()) > 0) await chips.first().click();
    const axis = page.locator('#parallel [data-axis="training.optimizer.learningRate"]');
    await axis.scrollIntoViewIfNeeded();
    const strip = await axis.boundingBox();
    if (!strip) throw new Error("there is no axis");
    await page.mouse.move(strip.x + 12, strip.y + 2);
    await page.mouse.down();
    await page.mouse.move(strip.x + 12, strip.y + strip.height / 2);
    await page.mouse.up();

    expect(hashOf(page)).toContain("training.optimizer.learningRate:");
    // The upper half of a logarithmic axis from 0.001 to 0.01.
    const folds = await page.locator("table.board .fold").all();
    const labels = await Promise.all(folds.map((fold) => fold.getAttribute("aria-label")));
    expect(labels.map((label) => label?.replace(/.* /, ""))).toEqual(["0.01", "0.01"]);
  });

  test("a cell of the matrix shows the test images that were taken for the other class", async () => {
    const page = await openReport({}, { hasPictures: true });
    const records = sampleRecords();
    const [best] = compareRun(records).configurations;
    const trials = records.trials.flatMap(({ trial }, index) =>
      best?.metrics.testAccuracy && records.plan.configurations[trial.configuration]?.id === best.configurationId
        ? [index]
        : [],
    );
    const expected = new Set(
      mistakesOf(records)
        .filter(({ trial }) => trials.includes(trial))
        .flatMap(({ mistakes }) => mistakes.filter(({ label, predicted }) => label === 0 && predicted === 1))
        .map(({ example }) => example),
    );

    await page.locator("#confusion table.matrix tbody tr").first().locator("td").nth(1).click();

    const examples = page.getByRole("region", { name: "Test examples: 0 predicted as 1" });
    await examples.getByText(`${expected.size} test examples`).waitFor();
    expect(await examples.locator("img").count()).toBe(Math.min(24, expected.size));
  });

  test("the difference lists what one has right and the other wrong", async () => {
    const page = await openReport();

    const left = page.getByRole("region", { name: "A right, B wrong" });
    await left.waitFor();

    expect(await left.locator("li").count()).toBeGreaterThan(0);
    expect(await left.locator("img").count()).toBe(0);
    expect(await left.textContent()).toContain("nightsweep report --images");
  });

  test("of a single configuration, two seeds are held against each other", async () => {
    const page = await openReport({}, { sample: { configurationCount: 1, hasFailure: false } });

    const chosen = await page.locator("#difference select option:checked").allTextContents();

    expect(chosen).toEqual(expect.arrayContaining(["seed 1", "seed 2"]));
    expect(await page.locator("#difference table.matrix td").first().textContent()).not.toBe("");
  });

  test("two configurations are compared field by field", async () => {
    const page = await openReport();

    const table = page.getByRole("region", { name: "Fields of two configurations" });

    expect(await table.locator("tbody th").allTextContents()).toContain("training.optimizer.learningRate");
    expect(await table.textContent()).toMatch(/\d+ of \d+ fields differ/);
  });

  test("rows are copied as CSV, Markdown and LaTeX, or offered where a page may not copy", async () => {
    const page = await openReport({ permissions: ["clipboard-read", "clipboard-write"] });

    await page.getByRole("button", { name: "CSV" }).click();
    await page.getByText("4 rows copied as CSV").waitFor();
    const csv = await page.evaluate<string>("navigator.clipboard.readText()");
    await page.getByRole("button", { name: "LaTeX" }).click();
    await page.getByText("4 rows copied as LaTeX").waitFor();
    const latex = await page.evaluate<string>("navigator.clipboard.readText()");

    expect(csv.split("\r\n")[0]).toMatch(
      /^rank,configuration,model,training\.optimizer\.learningRate,validationAccuracyMean,/,
    );
    expect(csv.trim().split("\r\n")).toHaveLength(5);
    expect(latex).toContain(String.raw`\toprule`);
  });

  test("data beyond the limit lie in a folder beside the page, and are read from there when asked for", async () => {
    const saved = path.join(folder, "large");
    mkdirSync(path.join(saved, "sample data"), { recursive: true });
    const written = await renderRecords(sampleRecords(), {
      assets,
      maxEmbeddedBytes: 1000,
      save: (name, bytes) => Promise.resolve(writeFileSync(path.join(saved, name), bytes)),
    });
    if (!browser) throw new Error("there is no browser");
    const { page, requests, complaints } = await openFromDisk(browser, path.join(saved, "index.html"), written.html);
    pages.push(page);

    await page.locator("#confusion table.matrix").waitFor();
    await page.locator("#curves").getByText("The same figures as a table").click();

    expect(readdirSync(path.join(saved, "sample data")).sort()).toEqual([
      "counts-0.js",
      "curves-0.js",
      "mistakes-0.js",
    ]);
    const figures = page.getByRole("region", { name: "Table of the learning curves" }).locator("tbody tr");
    await figures.nth(4).waitFor();
    expect(written.fileCount).toBe(3);
    expect(await figures.count()).toBe(5);
    expect(requests.every((url) => url.startsWith("file:///"))).toBe(true);
    expect(complaints).toEqual([]);
    expect(await page.locator("footer").textContent()).toContain("the folder sample data beside it");
  });

  test("of 400 configurations only those in sight are in the page", async () => {
    const page = await openReport({}, { sample: { seeds: [1], configurationCount: 4 } });
    expect(await rowsOf(page).count()).toBe(4);

    const many = await openReport({}, { sample: { seeds: [1], copies: 100, hasFailure: false } });
    await many.evaluate(`document.querySelector(".board-scroll").scrollTop = 8000`);

    await many.locator('table.board tr[aria-rowindex="202"]').waitFor();
    expect(await many.locator("table.board tbody tr").count()).toBeLessThan(80);
  });
});

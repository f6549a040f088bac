import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pngDataUrl } from "../../src/report/encode-png.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import type { Gallery } from "../../src/report/report-data.ts";
import { buildClient } from "./build-client.ts";
import { openBrowser } from "./open-browser.ts";
import { renderRecords } from "./render-sample.ts";
import { sampleRecords } from "./sample-records.ts";

const { browser } = await openBrowser();
const contrastScript = readFileSync(new URL("./contrast.page.js", import.meta.url), "utf8");

const image = pngDataUrl({ height: 2, width: 2, channels: 1, pixels: Uint8Array.of(0, 90, 180, 255) });
const gallery: Gallery = {
  trialId: "0123456789abcdef0123",
  trialSeed: 2,
  samples: [{ image, label: "five" }],
  random: [
    { image, example: 7, label: "one", predicted: "one", probability: 0.75 },
    { image, example: 8, label: "two", predicted: "one", probability: 0.5 },
  ],
  wrong: [{ image, example: 8, label: "two", predicted: "<b>one</b>", probability: 0.5 }],
  wrongCount: 1234,
};

describe("pictures in the report", () => {
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

  const render = async (options: { readonly gallery?: Gallery }) =>
    new TextDecoder().decode((await renderRecords(sampleRecords(), { assets, ...options })).html);

  test("are allowed by its policy only if there are some", async () => {
    expect(await render({})).not.toContain("img-src data");
    expect(await render({ gallery })).toContain("; img-src data:; base-uri 'none'");
  });

  test.skipIf(browser === undefined)(
    "are shown with what was predicted, readable and without a complaint",
    async () => {
      const file = path.join(folder, "gallery.html");
      writeFileSync(file, await render({ gallery }));
      const page = await (await browser?.newContext({ locale: "en-US" }))?.newPage();
      if (page === undefined) throw new Error("there is no browser");
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));

      await page.goto(pathToFileURL(file).href);
      await page.locator(".pending").first().waitFor({ state: "detached" });
      await page.getByRole("heading", { name: "Images" }).waitFor();

      const widths = "[...document.images].map((image) => image.naturalWidth)";
      const text = await page.locator("#images").innerText();
      expect(await page.evaluate(widths)).toEqual([2, 2, 2, 2]);
      expect(text).toContain("✓ one 75.00 %");
      expect(text).toContain("true: two · no. 8");
      expect(text).toContain("✗ <b>one</b> 50.00 %");
      expect(text).toMatch(/the 1 it was surest of, of 1.234/);
      expect(complaints).toEqual([]);
      expect((await page.evaluate<{ poor: string[] }>(contrastScript)).poor).toEqual([]);
    },
  );
});

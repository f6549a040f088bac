import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../src/compare/compare-run.ts";
import type { Comparison } from "../../src/compare/comparison.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { fromLeanData, type LeanReportData } from "../../src/report/lean-data.ts";
import { unpackColumns, type Json } from "../../src/report/pack-columns.ts";
import { renderHtmlReport } from "../../src/report/render-html.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import type { ReportData } from "../../src/report/report-data.ts";
import { buildClient } from "./build-client.ts";
import { sampleRecords } from "./sample-records.ts";

function dataOf(): ReportData {
  const records = sampleRecords();
  return { ...collectReportData(records, compareRun(records)), blocks: [], leftOut: [] };
}

/** As if it had five seeds. */
function withBootstrap({ configurations, rankedBy, ...comparison }: Comparison): Comparison {
  const [first, ...others] = configurations;
  const metric = rankedBy?.metric ?? "testAccuracy";
  const summary = first?.metrics[metric];
  if (first === undefined || summary === undefined) throw new Error("the sample has no ranked configuration");
  const metrics = { ...first.metrics, [metric]: { ...summary, bootstrap: { low: 0.97, high: 0.99 } } };
  return { ...comparison, ...(rankedBy && { rankedBy }), configurations: [{ ...first, metrics }, ...others] };
}

describe("the HTML report's file", () => {
  const data = dataOf();
  let assets: ReportAssets;

  beforeAll(async () => {
    const folder = buildClient();
    assets = await loadReportAssets(folder);
    rmSync(folder, { recursive: true });
  });

  test("allows exactly the script and the style that stand in it", () => {
    const html = renderHtmlReport(data, { assets });

    const [, policy = ""] = html.match(/Content-Security-Policy" content="([^"]*)"/) ?? [];
    const [, script = ""] = html.match(/<script id="report-script">([^]*?)<\/script>/) ?? [];
    const [, style = ""] = html.match(/<style>([^]*?)<\/style>/) ?? [];
    expect(policy).toBe(
      `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    expect([script, style]).toEqual([assets.script, assets.style]);
  });

  test("also allows pictures, a folder of blocks or its own server only where there is one", () => {
    const policyOf = (html: string): string => /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const pictures = { ...data, blocks: [{ name: "pictures-0", kind: "pictures", trials: [] } as const] };

    expect(policyOf(renderHtmlReport(pictures, { assets }))).toContain("; img-src data:; base-uri");
    expect(policyOf(renderHtmlReport({ ...data, blockFolder: "x" }, { assets }))).toMatch(
      /script-src 'sha256-[^']+' 'self';.*trusted-types nightsweep$/,
    );
    expect(policyOf(renderHtmlReport(null, { assets, isLive: true }))).toContain("connect-src 'self'");
  });

  test("gives the page the data as it was, but for the tests, which the page makes itself", () => {
    const { tests, ...comparison } = withBootstrap(data.comparison);
    const html = renderHtmlReport({ ...data, comparison: { ...comparison, ...(tests && { tests }) } }, { assets });

    const [, packed = ""] = html.match(/id="report-data">([^<]*)</) ?? [];
    const json = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as Json;
    const lean = unpackColumns(json) as unknown as LeanReportData;
    expect(tests?.tests).toHaveLength(2);
    expect(fromLeanData(lean)).toEqual(JSON.parse(JSON.stringify({ ...data, comparison })));
    expect(JSON.stringify(json)).not.toContain('"sd"');
  });

  test("is the same for the same input", () => {
    expect(renderHtmlReport(data, { assets })).toBe(renderHtmlReport(dataOf(), { assets }));
  });

  test("refuses a client that would end its own element", () => {
    const render = (script: string, style: string) => () => renderHtmlReport(data, { assets: { script, style } });

    expect(render('x = "</script>"', "")).toThrow(/ends its own HTML element/);
    expect(render("", "a::after { content: '</style>' }")).toThrow(/ends/);
  });

  test("has a client of at most 60 KiB compressed", () => {
    const bytes = gzipSync(assets.script).length + gzipSync(assets.style).length;

    expect(bytes).toBeLessThan(60 * 1024);
  });

  test("says how to make the client when it is missing", async () => {
    await expect(loadReportAssets("/nowhere")).rejects.toThrow(
      "the report's client.js is not in /nowhere: it is made by `npm run build`",
    );
  });
});

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

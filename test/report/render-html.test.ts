import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { renderHtmlReport } from "../../src/report/render-html.ts";
import { loadReportAssets, type ReportAssets } from "../../src/report/report-assets.ts";
import { buildClient } from "./build-client.ts";
import { sampleRecords } from "./sample-records.ts";

describe("the HTML report's file", () => {
  const data = collectReportData(sampleRecords());
  let assets: ReportAssets;

  beforeAll(async () => {
    const folder = buildClient();
    assets = await loadReportAssets(folder);
    rmSync(folder, { recursive: true });
  });

  test("allows exactly the script and the style that stand in it", () => {
    const html = renderHtmlReport(data, assets);

    const [, policy = ""] = html.match(/Content-Security-Policy" content="([^"]*)"/) ?? [];
    const [, script = ""] = html.match(/<script>([^]*?)<\/script>/) ?? [];
    const [, style = ""] = html.match(/<style>([^]*?)<\/style>/) ?? [];
    expect(policy).toBe(
      `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`,
    );
    expect([script, style]).toEqual([assets.script, assets.style]);
  });

  test("holds the data as it was given", () => {
    const html = renderHtmlReport(data, assets);

    const [, packed = ""] = html.match(/id="report-data">([^<]*)</) ?? [];
    expect(JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString())).toEqual(JSON.parse(JSON.stringify(data)));
  });

  test("is the same for the same input", () => {
    expect(renderHtmlReport(data, assets)).toBe(renderHtmlReport(collectReportData(sampleRecords()), assets));
  });

  test("refuses a client that would end its own element", () => {
    expect(() => renderHtmlReport(data, { script: 'x = "</script>"', style: "" })).toThrow(/ends its own HTML element/);
    expect(() => renderHtmlReport(data, { script: "", style: "a::after { content: '</style>' }" })).toThrow(/ends/);
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

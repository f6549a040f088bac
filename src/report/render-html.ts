import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { toLeanData } from "./lean-data.ts";
import { packColumns } from "./pack-columns.ts";
import type { ReportAssets } from "./report-assets.ts";
import type { ReportData } from "./report-data.ts";

/** A block as it stands in a page: gzip, then base64. */
export interface PackedBlock {
  readonly name: string;
  readonly text: string;
}

/** What the page is besides its data. */
export interface PageOptions {
  readonly assets: ReportAssets;
  /** Blocks that stand in the page. */
  readonly blocks?: readonly PackedBlock[];
  /** Whether the page asks the server that it came from for its data, again and again. */
  readonly isLive?: boolean;
}

/**
 * The page of a report. It opens from disk. The policy in it allows the embedded script and style (by hash) and nothing
 * else: no network, no evaluated text, no HTML made from text; with pictures also the images that stand in it, with a
 * folder of blocks also scripts beside it, and if it is live also its own server. The data is compressed and base64, so
 * nothing in a name can end its element; the client shows it through text nodes only.
 * @param data null if the page is live
 * @returns the file's text; the same input gives the same text
 * @throws Error if the client would end the element it stands in
 */
export function renderHtmlReport(
  data: ReportData | null,
  { assets: { script, style }, blocks = [], isLive = false }: PageOptions,
): string {
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error("the bundled client holds text that ends its own HTML element: it can't be embedded");
  const title = escapeHtml(data === null ? "nightsweep" : `${data.comparison.experiment} · nightsweep report`);
  const policy = contentSecurityPolicy(script, style, {
    hasImages: isLive || data?.gallery !== undefined || data?.blocks.some(({ kind }) => kind === "pictures") === true,
    hasFolder: data?.blockFolder !== undefined,
    isLive,
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="nightsweep">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<div id="report">This report is drawn by the script inside this file. Please allow scripts to see it.</div>
${blocks.map(({ name, text }) => `<script type="application/gzip+base64" id="block-${name}">${text}</script>\n`).join("")}${data === null ? "" : `<script type="application/gzip+base64" id="report-data">${packReportData(data).toString("base64")}</script>\n`}<script${isLive ? ' data-live="true"' : ""} id="report-script">${script}</script>
</body>
</html>
`;
}

/** The data of a report as gzipped JSON. */
export function packReportData(data: ReportData): Buffer {
  return gzipSync(JSON.stringify(packColumns(toLeanData(data))));
}

interface Allowances {
  readonly hasImages: boolean;
  readonly hasFolder: boolean;
  readonly isLive: boolean;
}

function contentSecurityPolicy(script: string, style: string, { hasImages, hasFolder, isLive }: Allowances): string {
  return [
    "default-src 'none'",
    `script-src '${sha256Source(script)}'${hasFolder ? " 'self'" : ""}`,
    `style-src '${sha256Source(style)}'`,
    ...(hasImages ? ["img-src data:"] : []),
    ...(isLive ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${hasFolder ? "nightsweep" : "'none'"}`,
  ].join("; ");
}

function sha256Source(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { ReportAssets } from "./report-assets.ts";
import type { ReportData } from "./report-data.ts";

/**
 * One self-contained HTML file that opens from disk. The policy in it allows the embedded script and style (by hash) and
 * nothing else (with a gallery, also the images that stand in the file): no network, no evaluated text, no HTML made from text. The data is compressed and base64, so nothing in
 * a name can end its element; the client shows it through text nodes only.
 * @returns the file's text; the same input gives the same text
 * @throws Error if the client would end the element it stands in
 */
export function renderHtmlReport(data: ReportData, { script, style }: ReportAssets): string {
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error("the bundled client holds text that ends its own HTML element: it can't be embedded");
  const title = escapeHtml(`${data.comparison.experiment} · nightsweep report`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script, style, data.gallery !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="nightsweep">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<div id="report">This report is drawn by the script inside this file. Please allow scripts to see it.</div>
<script type="application/gzip+base64" id="report-data">${packed(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function contentSecurityPolicy(script: string, style: string, hasImages: boolean): string {
  return [
    "default-src 'none'",
    `script-src '${sha256Source(script)}'`,
    `style-src '${sha256Source(style)}'`,
    ...(hasImages ? ["img-src data:"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

function sha256Source(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function packed(data: ReportData): string {
  return gzipSync(JSON.stringify(data), { level: 9 }).toString("base64");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

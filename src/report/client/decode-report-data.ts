import type { ReportData } from "../report-data.ts";

/**
 * Unpacks the data that the renderer embedded.
 * @param text base64 of gzipped UTF-8 JSON
 * @throws if the text is damaged or of another schema version
 */
export async function decodeReportData(text: string): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data: unknown = JSON.parse(await new Response(stream).text());
  if (!isReportData(data)) throw new Error("the embedded data is not of schema version 1");
  return data;
}

// The renderer of the same build wrote it: the version is all that can differ.
function isReportData(data: unknown): data is ReportData {
  return typeof data === "object" && data !== null && "schemaVersion" in data && data.schemaVersion === 1;
}

import { render } from "preact";
import type { ReportData } from "../report-data.ts";
import { App } from "./app.tsx";
import { decodeReportData } from "./decode-report-data.ts";

async function start(): Promise<void> {
  const root = document.getElementById("report");
  const source = document.getElementById("report-data");
  if (!root || !source) throw new Error("this file is not a complete report");
  root.textContent = "Unpacking the report…";
  try {
    const data: ReportData = await decodeReportData(source.textContent ?? "");
    root.textContent = "";
    render(<App data={data} />, root);
  } catch (error) {
    root.textContent = `The report can't be shown by this browser (${String(error)}). It needs DecompressionStream: Chrome 80, Safari 16.4, Firefox 113 or newer.`;
  }
}

void start();

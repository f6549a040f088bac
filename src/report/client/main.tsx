import { signal, type Signal } from "@preact/signals";
import { render } from "preact";
import { fromLeanData, type LeanReportData } from "../lean-data.ts";
import { unpackColumns, type Json } from "../pack-columns.ts";
import type { ReportData } from "../report-data.ts";
import { App } from "./app.tsx";
import { embeddedBlocks, folderBlocks, unpack } from "./block-source.ts";
import { followServer } from "./follow-server.ts";
import { buildModel, type Model } from "./model.ts";
import { bindAddress } from "./view-state.ts";

/** What went wrong while a live report was brought up to date; empty = nothing. */
const problem = signal("");

async function start(): Promise<void> {
  const root = document.getElementById("report");
  if (!root) throw new Error("this file is not a complete report");
  root.textContent = "Unpacking the report…";
  try {
    const isLive = document.getElementById("report-script")?.dataset["live"] === "true";
    const model = isLive ? await followServer(decodeReportData, problem) : signal(await embeddedModel());
    bindAddress();
    root.textContent = "";
    document.documentElement.dataset["ready"] = "true";
    render(<Page model={model} isLive={isLive} />, root);
  } catch (error) {
    root.textContent = `The report can't be shown (${String(error)}). It needs Chrome 85, Safari 16.4, Firefox 113 or newer.`;
  }
}

function Page({ model, isLive }: { readonly model: Signal<Model>; readonly isLive: boolean }) {
  return (
    <>
      {problem.value !== "" && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <App model={model.value} isLive={isLive} />
    </>
  );
}

async function embeddedModel(): Promise<Model> {
  const text = document.getElementById("report-data")?.textContent;
  if (!text) throw new Error("this file is not a complete report");
  const data = decodeReportData(await unpack(text));
  return buildModel(data, data.blockFolder === undefined ? embeddedBlocks : folderBlocks(data.blockFolder));
}

/** @throws if the data is damaged or of another schema version */
function decodeReportData(bytes: Uint8Array): ReportData {
  const packed: Json = JSON.parse(new TextDecoder().decode(bytes));
  const data: unknown = unpackColumns(packed);
  if (!isReportData(data)) throw new Error("its data is not of schema version 3");
  return fromLeanData(data);
}

// The renderer of the same build wrote it: the version is all that can differ.
function isReportData(data: unknown): data is LeanReportData {
  return typeof data === "object" && data !== null && "schemaVersion" in data && data.schemaVersion === 3;
}

void start();

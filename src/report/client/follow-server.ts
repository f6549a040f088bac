import { signal, type Signal } from "@preact/signals";
import type { ReportData } from "../report-data.ts";
import { unpack, type BlockSource } from "./block-source.ts";
import { buildModel, type Model } from "./model.ts";

/**
 * The report of a run that goes on: asks the server that the page came from, and again whenever it says that something
 * is new. @param problem told what can't be had, and emptied when it can
 */
export async function followServer(
  decode: (bytes: Uint8Array) => ReportData,
  problem: Signal<string>,
): Promise<Signal<Model>> {
  let shown = "";
  const load = async (): Promise<Model> => {
    const response = await fetchFound("data");
    shown = response.headers.get("etag") ?? "";
    const data = decode(await unpack(await bytesOf(response)));
    document.title = `${data.comparison.experiment} · nightsweep`;
    return buildModel(data, serverBlocks);
  };
  const model = signal(await load());
  const events = new EventSource("events");
  events.addEventListener("update", ({ data: version }: MessageEvent<string>) => {
    if (version === shown) return;
    load()
      .then((next) => {
        model.value = next;
        problem.value = "";
      })
      .catch((error: unknown) => (problem.value = String(error)));
  });
  events.addEventListener("problem", ({ data }: MessageEvent<string>) => (problem.value = data));
  events.addEventListener("error", () => {
    problem.value = "The server doesn’t answer: nightsweep serve has ended, or sleeps. Shown is what it said last.";
  });
  events.addEventListener("open", () => (problem.value = ""));
  return model;
}

const serverBlocks: BlockSource = { load: async (name) => bytesOf(await fetchFound(`blocks/${name}`)) };

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer());
}

async function fetchFound(path: string): Promise<Response> {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`the server answers ${response.status} to ${path}`);
  return response;
}

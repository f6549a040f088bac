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
  const load = async (version: string): Promise<Model> => {
    const data = decode(await fetchPacked(`data?v=${version}`));
    document.title = `${data.comparison.experiment} · nightsweep`;
    return buildModel(data, serverBlocks(version));
  };
  const model = signal(await load("first"));
  const events = new EventSource("events");
  events.addEventListener("update", ({ data: version }: MessageEvent<string>) => {
    load(version)
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

function serverBlocks(version: string): BlockSource {
  return { load: (name) => fetchBytes(`blocks/${name}?v=${version}`) };
}

async function fetchPacked(path: string): Promise<Uint8Array> {
  return unpack(await fetchBytes(path));
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`the server answers ${response.status} to ${path}`);
  return new Uint8Array(await response.arrayBuffer());
}

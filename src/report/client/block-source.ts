import { signal, type ReadonlySignal } from "@preact/signals";
import type { BlockEntry, BlockKind, ReportData } from "../report-data.ts";

/** Where a page has its blocks from: itself, a folder beside it, or a server. */
export interface BlockSource {
  /** The text of a block: gzip, then base64; or the bytes of the gzip. */
  readonly load: (name: string) => Promise<string | Uint8Array<ArrayBuffer>>;
}

/** Blocks that stand in the page. */
export const embeddedBlocks: BlockSource = {
  load: (name) => {
    const element = document.getElementById(`block-${name}`);
    return element?.textContent ? Promise.resolve(element.textContent) : Promise.reject(new Error(`it has no ${name}`));
  },
};

/** Blocks in a folder beside the page: scripts, because a page opened from disk may load nothing else from there. */
export function folderBlocks(folder: string): BlockSource {
  const waiting = new Map<string, (text: string) => void>();
  Object.assign(globalThis, { nightsweepBlock: (name: string, text: string) => waiting.get(name)?.(text) });
  const addressOf = scriptAddress();
  return {
    load: (name) =>
      new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        // What the policy asks for is not yet in the types of the DOM.
        Object.assign(script, { src: addressOf(`${encodeURIComponent(folder)}/${name}.js`) });
        script.addEventListener("error", () =>
          reject(new Error(`the file ${folder}/${name}.js is not beside this page: keep the folder with it`)),
        );
        document.head.append(script);
      }),
  };
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL: (url: string) => unknown;
  };
}

function scriptAddress(): (url: string) => unknown {
  const { trustedTypes }: { trustedTypes?: TrustedTypes } = globalThis as object;
  const policy = trustedTypes?.createPolicy("nightsweep", { createScriptURL: (url) => url });
  return (url) => policy?.createScriptURL(url) ?? url;
}

/** The bytes of a block or of the data. */
export async function unpack(packed: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const bytes = typeof packed === "string" ? decodeBase64(packed.trim()) : packed;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** What is decoded of the blocks of one kind: of each trial that somebody has asked for. */
export class TrialParts<Part extends { readonly trial: number }> {
  private readonly found = signal<ReadonlyMap<number, Part>>(new Map());
  private readonly asked = new Set<BlockEntry>();
  private readonly entryOf: ReadonlyMap<number, BlockEntry>;
  /** Why a block can't be had; empty = no problem so far. */
  readonly problem = signal("");

  constructor(
    { blocks }: Pick<ReportData, "blocks">,
    kind: BlockKind,
    private readonly source: BlockSource,
    private readonly decode: (block: Uint8Array) => readonly Part[],
  ) {
    const entries = blocks.filter((entry) => entry.kind === kind);
    this.entryOf = new Map(entries.flatMap((entry) => entry.trials.map((trial) => [trial, entry] as const)));
  }

  /** Whether the report has it. */
  has(trial: number): boolean {
    return this.entryOf.has(trial);
  }

  /** All that is decoded, by trial; grows while blocks are read. */
  get parts(): ReadonlySignal<ReadonlyMap<number, Part>> {
    return this.found;
  }

  /** Reads the blocks that hold these trials, if that hasn't been done. */
  ask(trials: readonly number[]): void {
    for (const trial of trials) {
      const entry = this.entryOf.get(trial);
      if (entry === undefined || this.asked.has(entry)) continue;
      this.asked.add(entry);
      this.read(entry).catch((error: unknown) => {
        this.problem.value = error instanceof Error ? error.message : String(error);
      });
    }
  }

  private async read({ name }: BlockEntry): Promise<void> {
    const parts = this.decode(await unpack(await this.source.load(name)));
    const next = new Map(this.found.peek());
    for (const part of parts) next.set(part.trial, part);
    this.found.value = next;
  }
}

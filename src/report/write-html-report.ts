import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { renderHtmlReport, type PackedBlock } from "./render-html.ts";
import type { ReportAssets } from "./report-assets.ts";
import type { BlockEntry, ReportBlock, ReportData } from "./report-data.ts";

/** More than this is no file to be sent: blocks then lie in a folder beside the page. */
const maxEmbeddedBytes = 20 * 2 ** 20;

const compress = promisify(gzip);

/** A report to be written. */
export interface ReportRequest {
  readonly assets: ReportAssets;
  /** Each is compressed and let go before the next one is taken. */
  readonly blocks: AsyncIterable<ReportBlock>;
  /** The rest, asked for after the last block. */
  readonly finish: () => Omit<ReportData, "blocks" | "blockFolder">;
  /** Name of the folder that blocks go to if there are too many for one file. */
  readonly blockFolder: string;
  /** Writes a file, by its path relative to the page. */
  readonly save: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Default: 20 MiB. */
  readonly maxEmbeddedBytes?: number;
}

/** What was written. */
export interface WrittenReport {
  readonly html: Uint8Array;
  /** Files beside the page; 0 = the page is all. */
  readonly fileCount: number;
  /** Of the page and the files beside it. */
  readonly bytes: number;
  readonly leftOut: readonly string[];
}

/**
 * Makes the page of a report, and the files beside it if its data has more than 20 MiB. In memory are the page and one
 * block.
 */
export async function writeHtmlReport(request: ReportRequest): Promise<WrittenReport> {
  const packer = new BlockPacker(request);
  const entries: BlockEntry[] = [];
  for await (const { bytes, ...entry } of request.blocks) {
    await packer.add(entry.name, bytes);
    entries.push(entry);
  }
  const data: ReportData = {
    ...request.finish(),
    blocks: entries,
    ...(packer.fileCount === 0 ? {} : { blockFolder: request.blockFolder }),
  };
  const html = new TextEncoder().encode(renderHtmlReport(data, { assets: request.assets, blocks: packer.embedded }));
  const { fileCount, savedBytes } = packer;
  return { html, fileCount, bytes: html.length + savedBytes, leftOut: data.leftOut };
}

/** Keeps blocks for the page until they are too many, then saves them all as files. */
class BlockPacker {
  embedded: PackedBlock[] = [];
  fileCount = 0;
  savedBytes = 0;
  private embeddedBytes = 0;

  constructor(private readonly request: Pick<ReportRequest, "blockFolder" | "save" | "maxEmbeddedBytes">) {}

  async add(name: string, bytes: Uint8Array): Promise<void> {
    const text = (await compress(bytes)).toString("base64");
    if (this.fileCount > 0) return this.saveBlock({ name, text });
    this.embedded.push({ name, text });
    this.embeddedBytes += text.length;
    if (this.embeddedBytes > (this.request.maxEmbeddedBytes ?? maxEmbeddedBytes)) await this.moveOut();
    return undefined;
  }

  private async moveOut(): Promise<void> {
    const blocks = this.embedded;
    this.embedded = [];
    for (const block of blocks) await this.saveBlock(block);
  }

  /** As a script, because a page opened from disk may load nothing else from there. */
  private async saveBlock({ name, text }: PackedBlock): Promise<void> {
    const bytes = new TextEncoder().encode(`nightsweepBlock("${name}","${text}")\n`);
    await this.request.save(`${this.request.blockFolder}/${name}.js`, bytes);
    this.fileCount++;
    this.savedBytes += bytes.length;
  }
}

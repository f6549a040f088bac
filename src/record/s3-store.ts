import { randomBytes } from "node:crypto";
import { mapConcurrently } from "./map-concurrently.ts";
import { checkFolderPrefix, checkKey, checkPrefix } from "./object-key.ts";
import { defaultRetryPolicy, retryTransient, type RetryPolicy } from "./retry-transient.ts";
import type { S3Bucket, S3Condition, S3Facts, S3Limits } from "./s3-bucket.ts";
import { s3Error, type S3Operation } from "./s3-error.ts";
import { UnsettledAnswer } from "./s3-failure.ts";
import { renderS3Location, type S3Location } from "./s3-location.ts";
import { sha256Of } from "./sha256-of.ts";
import type { SizedObject, Store, VersionedObject } from "./store.ts";
import { StoreError } from "./store-error.ts";

const mebibyte = 1024 * 1024;

/** Sizes, times and tries. */
export interface S3StoreOptions extends S3Limits {
  readonly retries: RetryPolicy;
}

const defaultOptions: S3StoreOptions = {
  partBytes: 8 * mebibyte,
  multipartBytes: 16 * mebibyte,
  idleMs: 30_000,
  maxAttempts: 3,
  retries: defaultRetryPolicy,
};

/** How many parts of one object are read side by side. */
const concurrentParts = 4;

/**
 * A store in an S3 bucket, or in a service that speaks S3 with conditional writes. What was written carries its
 * SHA-256, which is checked by the service when it arrives and by this store whenever it is read. A write whose answer
 * was lost is recognised by the name of the write, which the object and those that replace it by `putIfMatch` carry too.
 */
export class S3Store implements Store {
  readonly location: string;
  private readonly options: S3StoreOptions;
  private bucket: Promise<S3Bucket> | undefined;

  constructor(
    private readonly place: S3Location,
    options: Partial<S3StoreOptions> = {},
  ) {
    this.location = renderS3Location(place);
    this.options = { ...defaultOptions, ...options };
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.read(key))?.bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.write(key, bytes, { condition: "none", before: [] });
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.write(key, bytes, { condition: "absent", before: [] });
  }

  async getVersioned(key: string): Promise<VersionedObject | undefined> {
    const read = await this.read(key);
    return read && { bytes: read.bytes, version: [read.facts.etag, ...read.facts.writers].join(" ") };
  }

  putIfMatch(key: string, bytes: Uint8Array, version: string): Promise<boolean> {
    const [etag = "", ...before] = version.split(" ");
    return this.write(key, bytes, { condition: { etag }, before });
  }

  async sha256(key: string): Promise<string | undefined> {
    checkKey(key);
    const facts = await this.request({ verb: "read", key }, (bucket) => bucket.head(this.place.prefix + key));
    if (facts === undefined || facts.sha256 !== undefined) return facts?.sha256;
    const bytes = await this.get(key);
    return bytes && sha256Of(bytes);
  }

  async list(prefix: string): Promise<string[]> {
    return (await this.listSizes(prefix)).map(({ key }) => key);
  }

  async listSizes(prefix: string): Promise<SizedObject[]> {
    checkPrefix(prefix);
    const objects: SizedObject[] = [];
    for await (const page of this.pages(prefix, undefined)) objects.push(...page.objects);
    // Consoles make empty objects whose names end in / to show folders.
    return objects.filter(({ key }) => !key.endsWith("/")).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async listFolders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    const folders: string[] = [];
    for await (const page of this.pages(prefix, "/")) folders.push(...page.folders);
    return folders.map((folder) => folder.slice(prefix.length, -1)).sort();
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.request({ verb: "delete", key }, (bucket) => bucket.delete(this.place.prefix + key));
  }

  private async read(key: string): Promise<{ readonly bytes: Uint8Array; readonly facts: S3Facts } | undefined> {
    checkKey(key);
    const operation = { verb: "read", key } as const;
    return this.request(operation, async (bucket) => {
      const first = await bucket.getPart(this.place.prefix + key, { start: 0 });
      if (first === undefined) return undefined;
      const { part, facts } = first;
      const bytes = part.length === facts.bytes ? part : await this.readRest(operation, part, facts);
      if (facts.sha256 !== undefined && facts.sha256 !== sha256Of(bytes)) {
        throw new UnsettledAnswer("what was read doesn't have the SHA-256 that it was written with");
      }
      return { bytes, facts };
    });
  }

  private async readRest(operation: S3Operation, first: Uint8Array, { etag, bytes }: S3Facts): Promise<Uint8Array> {
    const all = new Uint8Array(bytes);
    all.set(first);
    const starts: number[] = [];
    for (let start = first.length; start < bytes; start += this.options.partBytes) starts.push(start);
    const readAt = async (start: number): Promise<void> => {
      const key = this.place.prefix + operation.key;
      const answer = await this.request(operation, (bucket) => bucket.getPart(key, { start, etag }));
      const expected = Math.min(this.options.partBytes, bytes - start);
      if (answer?.part.length !== expected || answer.facts.etag !== etag) {
        throw new UnsettledAnswer("the object was replaced while it was read");
      }
      all.set(answer.part, start);
    };
    await mapConcurrently(starts, readAt, concurrentParts);
    return all;
  }

  private async write(
    key: string,
    bytes: Uint8Array,
    { condition, before }: { readonly condition: S3Condition; readonly before: readonly string[] },
  ): Promise<boolean> {
    checkKey(key);
    const own = randomBytes(9).toString("base64url");
    const writers = [own, ...before];
    const writing = { key: this.place.prefix + key, bytes, condition, sha256: sha256Of(bytes), writers };
    return this.request({ verb: "write", key }, async (bucket) => {
      const outcome = await bucket.put(writing);
      if (outcome === "written") return true;
      // The answer to an earlier try may have been lost: then what stands in the way is this very write, or what others
      // made of it since.
      const facts = await bucket.head(writing.key);
      if (facts?.writers.includes(own) === true) return true;
      if (outcome === "unclear" || (facts === undefined && condition === "absent")) {
        throw new UnsettledAnswer("others kept changing the object while it was written");
      }
      return false;
    });
  }

  private async *pages(prefix: string, delimiter: "/" | undefined) {
    const start = this.place.prefix.length;
    let token: string | undefined;
    do {
      const options = { ...(delimiter === undefined ? {} : { delimiter }), token };
      const page = await this.request({ verb: "list", key: prefix }, (bucket) =>
        bucket.listPage(this.place.prefix + prefix, options),
      );
      const strip = (key: string): string => key.slice(start);
      const objects = page.objects.map(({ key, bytes }) => ({ key: strip(key), bytes }));
      yield { objects, folders: page.folders.map(strip) };
      token = page.next;
    } while (token !== undefined);
  }

  private async request<Outcome>(
    operation: S3Operation,
    ask: (bucket: S3Bucket) => Promise<Outcome>,
  ): Promise<Outcome> {
    const bucket = await (this.bucket ??= this.connect());
    try {
      return await retryTransient(() => ask(bucket), this.options.retries);
    } catch (error) {
      const isBug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
      throw isBug || error instanceof StoreError ? error : s3Error(operation, this.place, error);
    }
  }

  // The SDK takes a good part of a second to load: only for those who have a store in S3.
  private async connect(): Promise<S3Bucket> {
    const { S3Bucket } = await import("./s3-bucket.ts");
    return new S3Bucket(this.place, this.options);
  }
}

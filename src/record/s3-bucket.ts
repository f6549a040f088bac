import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { checkpointTag, trialFiles } from "../contract/object-keys.ts";
import { failedWith } from "./s3-failure.ts";
import type { S3Location } from "./s3-location.ts";
import type { SizedObject } from "./store.ts";

/** Sizes and times of requests; tests make them small. */
export interface S3Limits {
  /** Objects are read and, from `multipartBytes` on, written in parts of this size; S3 wants at least 5 MiB. */
  readonly partBytes: number;
  readonly multipartBytes: number;
  /** How long connecting, or a connection on which nothing moves, is borne. */
  readonly idleMs: number;
  /** Tries of the SDK for one request, in which it adapts its rate to what the service bears. */
  readonly maxAttempts: number;
}

/** What is told about an object besides its bytes. */
export interface S3Facts {
  readonly etag: string;
  /** Size of the whole object. */
  readonly bytes: number;
  /** SHA-256 (hex) noted by the writer; absent if another tool wrote the object. */
  readonly sha256: string | undefined;
  /** Names of the writes that made the object what it is, the last one first; see `S3Writing`. */
  readonly writers: readonly string[];
}

/** A condition on what is there when an object is written. */
export type S3Condition = "none" | "absent" | { readonly etag: string };

/** An object to be written. */
export interface S3Writing {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly condition: S3Condition;
  readonly sha256: string;
  /** The write's own random name, then those of the writes that it builds on. */
  readonly writers: readonly string[];
}

const metadataKeys = { sha256: "nightsweep-sha256", writers: "nightsweep-writers" } as const;

/** A part of a listing. */
interface S3Page {
  readonly objects: readonly SizedObject[];
  readonly folders: readonly string[];
  /** What to ask for the next part with; undefined = this is the last one. */
  readonly next: string | undefined;
}

/** So many changes by others may come between a write and the moment it is asked about again. */
const keptWriters = 32;

/** Single requests to one bucket. Keys are those of the bucket. Errors are the SDK's. */
export class S3Bucket {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(
    location: S3Location,
    private readonly limits: S3Limits,
  ) {
    this.bucket = location.bucket;
    this.client = createClient(location, limits);
  }

  /**
   * A part of an object, or undefined if there is no object, or none with the etag.
   * @returns bytes from `start` on, at most `partBytes`
   */
  async getPart(
    key: string,
    { start, etag }: { readonly start: number; readonly etag?: string },
  ): Promise<{ readonly part: Uint8Array; readonly facts: S3Facts } | undefined> {
    const wanted = { Bucket: this.bucket, Key: key, ...(etag === undefined ? {} : { IfMatch: etag }) };
    const Range = `bytes=${start}-${start + this.limits.partBytes - 1}`;
    try {
      // An empty object has no range.
      const answer = await this.client
        .send(new GetObjectCommand({ ...wanted, Range }))
        .catch((error: unknown) =>
          failedWith(error, [416]) ? this.client.send(new GetObjectCommand(wanted)) : Promise.reject(error),
        );
      const part = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
      const total = Number(/\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1] ?? answer.ContentLength ?? part.length);
      return { part, facts: factsOf(answer, total) };
    } catch (error) {
      if (failedWith(error, ["NoSuchKey", 412])) return undefined;
      throw error;
    }
  }

  /** What is told about an object, or undefined if there is none. */
  async head(key: string): Promise<S3Facts | undefined> {
    try {
      const answer = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return factsOf(answer, answer.ContentLength ?? 0);
    } catch (error) {
      if (failedWith(error, ["NoSuchKey", "NotFound"])) return undefined;
      throw error;
    }
  }

  /**
   * Writes an object.
   * @returns `refused` if the condition doesn't hold; `unclear` if an upload in parts may have been completed by an
   * earlier request whose answer was lost
   */
  async put(writing: S3Writing): Promise<"written" | "refused" | "unclear"> {
    try {
      await (writing.bytes.length < this.limits.multipartBytes ? this.putWhole(writing) : this.putParts(writing));
      return "written";
    } catch (error) {
      if (failedWith(error, [412])) return "refused";
      if (failedWith(error, ["NoSuchKey"]) && writing.condition !== "none") return "refused";
      if (failedWith(error, ["NoSuchUpload"])) return "unclear";
      throw error;
    }
  }

  /** A page of keys, or with a delimiter of folders, that start with a prefix. */
  async listPage(
    prefix: string,
    options: { readonly delimiter?: string; readonly token?: string | undefined },
  ): Promise<S3Page> {
    const answer = await this.client.send(
      new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: prefix,
        // XML has no place for some characters.
        EncodingType: "url",
        ...(options.delimiter === undefined ? {} : { Delimiter: options.delimiter }),
        ...(options.token === undefined ? {} : { ContinuationToken: options.token }),
      }),
    );
    const decode = (text = ""): string =>
      answer.EncodingType === "url" ? decodeURIComponent(text.replaceAll("+", " ")) : text;
    return {
      objects: (answer.Contents ?? []).map(({ Key, Size }) => ({ key: decode(Key), bytes: Size ?? 0 })),
      folders: (answer.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)),
      next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
    };
  }

  /** Deletes an object, if there is one. */
  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  private async putWhole(writing: S3Writing): Promise<void> {
    const ChecksumSHA256 = Buffer.from(writing.sha256, "hex").toString("base64");
    await this.client.send(new PutObjectCommand({ ...this.parameters(writing), ChecksumSHA256 }));
  }

  private async putParts(writing: S3Writing): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { ...this.parameters(writing), ChecksumAlgorithm: "SHA256" },
      partSize: this.limits.partBytes,
    });
    await upload.done();
  }

  private parameters({ key, bytes, condition, sha256, writers }: S3Writing) {
    return {
      Bucket: this.bucket,
      Key: key,
      Body: bytes,
      Metadata: { [metadataKeys.sha256]: sha256, [metadataKeys.writers]: writers.slice(0, keptWriters).join(",") },
      ...(isCheckpoint(key) ? { Tagging: checkpointTagging } : {}),
      ...(condition === "absent" ? { IfNoneMatch: "*" } : {}),
      ...(typeof condition === "object" ? { IfMatch: condition.etag } : {}),
    };
  }
}

/** A bucket can expire what has a tag, wherever it lies; it can't expire by the middle of a key. */
const checkpointTagging = `${checkpointTag.key}=${checkpointTag.value}`;

function isCheckpoint(key: string): boolean {
  return key.includes(`/${trialFiles.checkpoints}/`);
}

function createClient({ endpoint, region, isPathStyle }: S3Location, { idleMs, maxAttempts }: S3Limits): S3Client {
  // On Node 20 the SDK would announce in every process and log that its next versions want a newer one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: isPathStyle,
    followRegionRedirects: endpoint === undefined,
    retryMode: "adaptive",
    maxAttempts,
    // Only what is asked for: not every service knows every checksum.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: idleMs,
      socketTimeout: idleMs,
      httpAgent: { maxSockets: 128 },
      httpsAgent: { maxSockets: 128 },
    },
  });
}

function factsOf(
  answer: { readonly ETag?: string | undefined; readonly Metadata?: Record<string, string> | undefined },
  bytes: number,
): S3Facts {
  return {
    etag: answer.ETag ?? "",
    bytes,
    sha256: answer.Metadata?.[metadataKeys.sha256],
    writers: answer.Metadata?.[metadataKeys.writers]?.split(",") ?? [],
  };
}

import type { z } from "zod";
import { RecordError } from "./record-error.ts";
import type { Store } from "./store.ts";

const fix =
  "the object was damaged or written by another version of nightsweep: restore it, or delete its run and run again";

/**
 * The bytes of a JSON object for people and programs.
 * @throws RangeError if a number is not finite: JSON would turn it into null in silence
 */
export function encodeJson(document: unknown): Uint8Array {
  return encodeText(`${JSON.stringify(document, refuseNonFinite, 2)}\n`);
}

/**
 * The bytes of a list with one JSON document a line.
 * @throws RangeError as `encodeJson` does
 */
export function encodeJsonLines(documents: readonly unknown[]): Uint8Array {
  return encodeText(documents.map((document) => `${JSON.stringify(document, refuseNonFinite)}\n`).join(""));
}

/** UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * The checked document in an object's bytes.
 * @throws RecordError naming the key if they are no JSON or not of the schema
 */
export function decodeJson<Document>(key: string, bytes: Uint8Array, schema: z.ZodType<Document>): Document {
  return checkDocument(key, decodeText(key, bytes), schema);
}

/**
 * The checked documents in an object with one JSON document a line.
 * @throws RecordError naming the key and line if one is no JSON or not of the schema
 */
export function decodeJsonLines<Document>(key: string, bytes: Uint8Array, schema: z.ZodType<Document>): Document[] {
  const text = decodeText(key, bytes);
  return decodeAtOnce(text, schema) ?? decodeOneByOne(key, text, schema);
}

/** All lines as one JSON list, which takes half the time; undefined if anything is wrong with them. */
function decodeAtOnce<Document>(text: string, schema: z.ZodType<Document>): Document[] | undefined {
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  const documents = parseOrUndefined(`[${lines.replaceAll("\n", ",")}]`);
  // As many as lines that go from brace to brace, or a comma in one of them was taken for the end of another.
  if (!Array.isArray(documents) || documents.length !== lines.split("}\n{").length) return undefined;
  const checked: Document[] = [];
  for (const document of documents) {
    const outcome = schema.safeParse(document);
    if (!outcome.success) return undefined;
    checked.push(outcome.data);
  }
  return checked;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeOneByOne<Document>(key: string, text: string, schema: z.ZodType<Document>): Document[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => (line === "" ? [] : [checkDocument(`${key}:${index + 1}`, line, schema)]));
}

/** The checked document of an object, or undefined if there is none. @throws RecordError as `decodeJson` does */
export async function loadJson<Document>(
  store: Store,
  key: string,
  schema: z.ZodType<Document>,
): Promise<Document | undefined> {
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : decodeJson(key, bytes, schema);
}

function checkDocument<Document>(where: string, text: string, schema: z.ZodType<Document>): Document {
  const outcome = schema.safeParse(parseJson(where, text));
  if (outcome.success) return outcome.data;
  const issues = outcome.error.issues.map((issue) => `${issue.path.join(".") || "the document"}: ${issue.message}`);
  throw new RecordError(where, { problem: issues.join("; "), fix });
}

/** The text in an object's bytes. @throws RecordError naming the key if they are no UTF-8 */
export function decodeText(key: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new RecordError(key, { problem: "is no valid UTF-8 text", fix }, { cause: error });
  }
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = `is no valid JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new RecordError(where, { problem, fix }, { cause: error });
  }
}

function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new RangeError(`${key} is ${value}, not a finite number`);
  return value;
}

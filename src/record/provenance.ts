import { z } from "zod";
import { objectKeys } from "../contract/object-keys.ts";
import { encodeJson, loadJson } from "./json-object.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";

const file = z.object({ name: z.string(), sha256: z.string() });

const projectSchema = z.object({
  commit: z.string(),
  /** Without passwords. */
  origin: z.string().exactOptional(),
  /** Whether tracked files differed from the commit. */
  isDirty: z.boolean(),
  /** How they differed: an object beside this one; or why it was not kept. */
  patch: z
    .union([z.object({ sha256: z.string(), bytes: z.int().min(0) }), z.object({ omitted: z.string() })])
    .exactOptional(),
});

const provenanceSchema = z.object({
  schemaVersion: z.literal(1),
  nightsweep: z.object({
    version: z.string(),
    resultsVersion: z.int(),
    /** Of the checkout that it ran from; absent = it was installed as a package. */
    commit: z.string().exactOptional(),
  }),
  /** The command line, word by word, without passwords. */
  command: z.array(z.string()),
  workingFolder: z.string(),
  experimentFile: file,
  /** The git repository that the experiment file is in, if it is in one. */
  project: projectSchema.exactOptional(),
  /** The lock file nearest to the experiment file, if there is one. */
  lockFile: file.exactOptional(),
  /** Versions of the packages that nightsweep itself is made of, by name. */
  libraries: z.record(z.string(), z.string()),
  /** Versions of Node.js and of what it brings along. */
  runtime: z.record(z.string(), z.string()),
  /** The price list that costs were estimated with. */
  prices: file.extend({ dated: z.string() }).exactOptional(),
});

/** The state of the project that trials were run from. */
export type ProjectState = z.infer<typeof projectSchema>;

/**
 * `provenance/<id>.json` of a run: where trials come from, as far as it is the same for all that one command trained.
 * Named by its content: a run that goes on under the same circumstances has one, otherwise one for each.
 */
export type Provenance = z.infer<typeof provenanceSchema>;

/** What a command knows of where its trials come from. */
export interface CollectedProvenance {
  readonly document: Provenance;
  /** How tracked files differ from the commit, if they do and it is kept. */
  readonly patch?: Uint8Array;
}

/** Writes down where trials come from. @param run key of the run's folder @returns the id that trials name it by */
export async function writeProvenance(store: Store, run: string, collected: CollectedProvenance): Promise<string> {
  const { document, patch } = collected;
  const bytes = encodeJson(document);
  const id = sha256Of(bytes).slice(0, 16);
  if (patch !== undefined) await store.putIfAbsent(objectKeys.patch(run, sha256Of(patch)), patch);
  await store.putIfAbsent(objectKeys.provenance(run, id), bytes);
  return id;
}

/** What the keys of all that says where a run's trials come from begin with. @param run key of the run's folder */
export function provenanceFolder(run: string): string {
  return objectKeys.provenance(run, "").replace(/\.json$/, "");
}

/**
 * Where the trials of a run come from, by id.
 * @param run key of the run's folder
 * @throws RecordError naming the key if one can't be read
 */
export async function loadProvenances(store: Store, run: string): Promise<ReadonlyMap<string, Provenance>> {
  const folder = provenanceFolder(run);
  const ids = (await store.list(folder)).flatMap((key) => /([^/]+)\.json$/.exec(key)?.[1] ?? []);
  const entries = await mapConcurrently(ids, async (id) => {
    const document = await loadJson(store, objectKeys.provenance(run, id), provenanceSchema);
    return document === undefined ? [] : [[id, document] as const];
  });
  return new Map(entries.flat());
}

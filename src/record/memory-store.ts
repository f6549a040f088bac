import { checkFolderPrefix, checkKey, checkPrefix } from "./object-key.ts";
import { sha256Of } from "./sha256-of.ts";
import type { SizedObject, Store, VersionedObject } from "./store.ts";

/** A store that is gone with the process: for tests and simulations. */
export class MemoryStore implements Store {
  readonly location = "memory";
  private readonly objects = new Map<string, Uint8Array>();

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.objects.get(key)?.slice();
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    this.objects.set(key, Uint8Array.from(bytes));
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    checkKey(key);
    if (this.objects.has(key)) return false;
    this.objects.set(key, Uint8Array.from(bytes));
    return true;
  }

  async getVersioned(key: string): Promise<VersionedObject | undefined> {
    const bytes = await this.get(key);
    return bytes === undefined ? undefined : { bytes, version: sha256Of(bytes) };
  }

  async putIfMatch(key: string, bytes: Uint8Array, version: string): Promise<boolean> {
    checkKey(key);
    const current = this.objects.get(key);
    if (current === undefined || sha256Of(current) !== version) return false;
    this.objects.set(key, Uint8Array.from(bytes));
    return true;
  }

  async sha256(key: string): Promise<string | undefined> {
    checkKey(key);
    const bytes = this.objects.get(key);
    return bytes === undefined ? undefined : sha256Of(bytes);
  }

  async list(prefix: string): Promise<string[]> {
    checkPrefix(prefix);
    return this.keys(prefix).sort();
  }

  async listSizes(prefix: string): Promise<SizedObject[]> {
    return (await this.list(prefix)).map((key) => ({ key, bytes: this.objects.get(key)?.length ?? 0 }));
  }

  async listFolders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    const rests = this.keys(prefix).map((key) => key.slice(prefix.length));
    const names = rests.filter((rest) => rest.includes("/")).map((rest) => rest.slice(0, rest.indexOf("/")));
    return [...new Set(names)].sort();
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    this.objects.delete(key);
  }

  private keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }
}

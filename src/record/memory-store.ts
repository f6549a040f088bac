import { checkFolderPrefix, checkKey, checkPrefix } from "./object-key.ts";
import type { Store } from "./store.ts";

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

  async list(prefix: string): Promise<string[]> {
    checkPrefix(prefix);
    return this.keys(prefix).sort();
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

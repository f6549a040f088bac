import { Option } from "commander";
import type { Store } from "../record/store.ts";

/** The `--store` flag of every command that reads or writes records. */
export function storeOption(): Option {
  return new Option("-s, --store <location>", "folder of the records, or s3://bucket/prefix")
    .env("NIGHTSWEEP_STORE")
    .default(".nightsweep");
}

/** Opens the store at a location given on the command line. */
export async function openStoreAt(location: string): Promise<Store> {
  const { openStore } = await import("../record/open-store.ts");
  return openStore(location);
}

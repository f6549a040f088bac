import { Option } from "commander";
import { exitCodes } from "../contract/exit-codes.ts";
import type { Store } from "../record/store.ts";
import { CliError } from "./cli-error.ts";

/** The `--store` flag of every command that reads or writes records. */
export function storeOption(): Option {
  return new Option("-s, --store <location>", "folder of the records, or s3://bucket/prefix")
    .env("NIGHTSWEEP_STORE")
    .default(".nightsweep");
}

/**
 * Opens the store at a location given on the command line.
 * @throws CliError if nothing can be there: a wrong command line, whereas a store that can't be reached is found later
 */
export async function openStoreAt(location: string): Promise<Store> {
  const [{ openStore }, { StoreError }] = await Promise.all([
    import("../record/open-store.ts"),
    import("../record/store-error.ts"),
  ]);
  try {
    return openStore(location);
  } catch (error) {
    throw error instanceof StoreError ? new CliError(exitCodes.usage, error.message) : error;
  }
}

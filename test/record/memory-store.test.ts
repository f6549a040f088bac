import { MemoryStore } from "../../src/record/memory-store.ts";
import { describeStoreContract } from "../contracts/store-contract.ts";

describeStoreContract("MemoryStore", async () => new MemoryStore());

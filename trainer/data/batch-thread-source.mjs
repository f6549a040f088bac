// Starts the thread from the TypeScript sources, as tests do: on Node 20 a loader must be registered in the thread.
import { register } from "tsx/esm/api";

register();
await import("./batch-thread.ts");

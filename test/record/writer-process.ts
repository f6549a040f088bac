import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const writer = fileURLToPath(new URL("store-writer.ts", import.meta.url));

/** Starts a process of `store-writer.ts`, which waits for a message to begin. */
export async function startWriter(mode: string, location: string, name: string): Promise<ChildProcess> {
  const child = fork(writer, [mode, location, name], { execArgv: ["--import", "tsx"] });
  await new Promise((resolve) => child.once("message", resolve));
  return child;
}

/** Resolves when the process has ended. */
export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve));
}

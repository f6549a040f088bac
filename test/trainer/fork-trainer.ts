import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { FromWorker, ToWorker } from "../../src/contract/worker-messages.ts";

/** How a trainer process ended. */
export interface TrainerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A trainer in a process of its own, as an executor starts it. */
export interface ForkedTrainer {
  readonly process: ChildProcess;
  readonly messages: FromWorker[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exit: Promise<TrainerExit>;
  send(message: ToWorker): void;
  /** The next message of a type, or one that came before. @throws Error if the process ends without it */
  waitFor<Type extends FromWorker["type"]>(type: Type): Promise<Extract<FromWorker, { readonly type: Type }>>;
}

const entry = fileURLToPath(new URL("../../trainer/main.ts", import.meta.url));

/**
 * Starts a trainer; it is killed when the test ends.
 * @param variables all that is in its environment besides PATH
 * @param options.imports modules that are loaded before the trainer
 * @param options.nodeOptions further options of Node.js
 */
export function forkTrainer(
  variables: Readonly<Record<string, string>>,
  {
    imports = [],
    nodeOptions = [],
  }: { readonly imports?: readonly string[]; readonly nodeOptions?: readonly string[] } = {},
): ForkedTrainer {
  const child = fork(entry, [], {
    env: { PATH: process.env["PATH"], ...variables },
    execArgv: [...nodeOptions, ...["tsx", ...imports].flatMap((module) => ["--import", module])],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const messages: FromWorker[] = [];
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.on("message", (message: FromWorker) => messages.push(message));
  const exit = watchExit(child);
  return {
    process: child,
    messages,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exit,
    send: (message) => void child.send(message),
    waitFor: (type) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          for (const message of messages) if (isOf(message, type)) resolve(message);
        };
        child.on("message", look);
        look();
        void exit.then(({ code }) => reject(new Error(`exit code ${code} without "${type}": ${output.stderr}`)));
      }),
  };
}

/** Resolves with all output read. Not on `close`, which Node.js doesn't emit after this side closed the channel. */
async function watchExit(child: ChildProcess): Promise<TrainerExit> {
  const outputEnds = [child.stdout, child.stderr].map(
    (stream) => new Promise((resolve) => stream?.on("close", resolve)),
  );
  const exit = await new Promise<TrainerExit>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  await Promise.all(outputEnds);
  return exit;
}

function isOf<Type extends FromWorker["type"]>(
  message: FromWorker,
  type: Type,
): message is Extract<FromWorker, { readonly type: Type }> {
  return message.type === type;
}

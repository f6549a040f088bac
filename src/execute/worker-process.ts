import { type ChildProcess, fork } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { FromWorker, MemoryUse, ToWorker } from "../contract/worker-messages.ts";
import { MarkedOutput } from "./marked-output.ts";
import { parseWorkerMessage } from "./parse-worker-message.ts";
import type { WorkerExit } from "./worker-exit.ts";

/** How a trainer process is started. */
export interface WorkerStart {
  /** The trainer's entry file. */
  readonly trainer: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes what a person should know of how the trainer computes, as soon as it is ready. */
  readonly onNotice?: (notice: string) => void;
  /** Options of Node.js; absent = those of this process. */
  readonly nodeOptions?: readonly string[];
  /** A process that holds more memory is ended; absent = no limit. */
  readonly maxRssBytes?: number | undefined;
}

/** A process that ended may have left children that keep its output open: they are not waited for any longer. */
const outputTimeoutMs = 2000;
/** What V8 writes before it ends the process with SIGABRT. */
const heapFullWords = "JavaScript heap out of memory";
/** How long a worker that has nothing to do may take to leave. */
const leaveTimeoutMs = 5000;

/**
 * A trainer process with its IPC channel and its output.
 *
 * It is in this process' group, so Ctrl-C in a terminal reaches it too: the trainer ignores SIGINT and waits for
 * `stop`. When this process dies in whatever way, the channel closes, and the trainer leaves.
 */
export class WorkerProcess {
  /** Whether the trainer got ready; false = it ended before. */
  readonly ready: Promise<boolean>;
  /** Resolves when the process has ended and all its output has been passed on. */
  readonly ended: Promise<WorkerExit>;
  readonly stdout = new MarkedOutput();
  readonly stderr = new MarkedOutput();
  /** Called for every message after `ready`. */
  onMessage: (message: FromWorker) => void = () => undefined;
  /** The last that the trainer said about its memory. */
  memory: MemoryUse | undefined;
  private readonly onNotice: (notice: string) => void;
  private readonly child: ChildProcess;
  private readonly maxRssBytes: number;
  private problem: string | undefined;
  private isHeapFull = false;
  /** Set once the process has held more memory than it may. */
  private exceededBytes: number | undefined;

  constructor(start: WorkerStart) {
    const { trainer, environment, nodeOptions } = start;
    this.onNotice = start.onNotice ?? (() => undefined);
    this.maxRssBytes = start.maxRssBytes ?? Number.POSITIVE_INFINITY;
    this.child = fork(trainer, [], {
      env: { ...environment },
      ...(nodeOptions === undefined ? {} : { execArgv: [...nodeOptions] }),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // JSON would turn a loss that is not a number into null.
      serialization: "advanced",
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.stdout.push(text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.isHeapFull ||= text.includes(heapFullWords);
      this.stderr.push(text);
    });
    this.ended = this.watchEnd();
    this.ready = this.watchMessages();
  }

  /** Whether the process can still take messages. */
  get isAlive(): boolean {
    const { connected, exitCode, signalCode } = this.child;
    return connected && exitCode === null && signalCode === null && this.exceededBytes === undefined;
  }

  /** Sends a message; if the process has ended meanwhile, `ended` tells. */
  send(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Ends the process at once. @param problem what to give as the reason, if it isn't the signal */
  kill(problem?: string): void {
    this.problem ??= problem;
    this.child.kill("SIGKILL");
  }

  /** Lets a process that has nothing to do leave, and waits for it. */
  async leave(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.kill(), leaveTimeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  private watchMessages(): Promise<boolean> {
    return new Promise((resolve) => {
      void this.ended.then(() => resolve(false));
      this.child.on("message", (value) => {
        const message = parseWorkerMessage(value);
        if (message === undefined) this.kill(`it sent a message that is not understood: ${JSON.stringify(value)}`);
        else if (message.type === "ready") {
          if (message.notice !== undefined) this.onNotice(message.notice);
          resolve(true);
        } else if (message.type === "memory") this.noteMemory(message);
        else this.onMessage(message);
      });
    });
  }

  private noteMemory(memory: MemoryUse): void {
    this.memory = memory;
    if (memory.rssBytes <= this.maxRssBytes) return;
    this.exceededBytes = this.maxRssBytes;
    this.kill();
  }

  // Not the `close` event: Node.js never emits it after this side has closed the channel.
  private watchEnd(): Promise<WorkerExit> {
    const { child } = this;
    const exited = new Promise<WorkerExit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.on("error", (error) => {
        // Also emitted when a process that runs can't be sent a message or a signal: its end will tell.
        if (child.pid === undefined) resolve({ code: null, signal: null, problem: error.message });
      });
    });
    const channelClosed = new Promise<void>((resolve) => child.once("disconnect", () => resolve()));
    const allClosed = Promise.all([closed(child.stdout), closed(child.stderr), channelClosed]);
    return exited.then(async (exit) => {
      if (child.pid !== undefined) await Promise.race([allClosed, sleep(outputTimeoutMs, undefined, { ref: false })]);
      this.stdout.end();
      this.stderr.end();
      return {
        ...exit,
        memory: this.memory,
        isHeapFull: this.isHeapFull,
        exceededBytes: this.exceededBytes,
        ...(this.problem === undefined ? {} : { problem: this.problem }),
      };
    });
  }
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream !== null && !stream.closed) await new Promise((resolve) => stream.once("close", resolve));
}

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { hasImage, podmanEnvironment, runParameters, signalParameters } from "../../infra/local/batch/podman.ts";

/** The image that `npm run image -- cpu` builds. */
export const image = "localhost/nightsweep-trainer:cpu";

/** Whether tests in a container can't run; where they have to, they run and fail. */
export const lacksImage =
  !hasImage(image) && !(process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("image");

/** Said in the name of tests that are skipped. */
export const imageReason = lacksImage ? " (skipped: `npm run image -- cpu` builds it, podman runs it)" : "";

/** What a container is started with. */
export interface ContainerSettings {
  readonly variables: Readonly<Record<string, string>>;
  /** Folder of this machine that is `/store` in the container. */
  readonly store?: string;
  /** Absent = what the image runs. */
  readonly command?: readonly string[];
}

/** How a container ended. */
export interface ContainerEnd {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** The image, run as Batch runs it. */
export class Container {
  private readonly name = `nightsweep-test-${process.pid}-${count++}`;
  private readonly child: ChildProcess;
  private readonly ended: Promise<ContainerEnd>;
  private output = "";
  private readonly listeners = new Set<() => void>();

  constructor({ variables, store, command = [] }: ContainerSettings) {
    const folders: Record<string, string> = store === undefined ? {} : { "/store": store };
    const container = { name: this.name, image, environment: variables, folders, command };
    this.child = spawn("podman", runParameters(container), {
      stdio: ["ignore", "pipe", "pipe"],
      env: podmanEnvironment(),
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        for (const listener of this.listeners) listener();
      });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code) => resolve({ code, output: this.output }));
    });
  }

  /** Waits for it to end by itself. */
  end(): Promise<ContainerEnd> {
    return this.ended;
  }

  /** Waits until it has printed something. @throws Error if it ends without */
  async printed(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = (): void => {
        if (pattern.test(this.output)) resolve();
      };
      this.listeners.add(look);
      look();
    });
    await Promise.race([
      seen,
      this.ended.then(({ code, output }) => {
        if (!pattern.test(output))
          throw new Error(`it ended with ${String(code)} without ${String(pattern)}:\n${output}`);
      }),
    ]);
  }

  /** Sends a signal to its first process, as the ECS agent does. */
  stop(signal: "TERM" | "KILL"): void {
    const { status, stderr } = spawnSync("podman", signalParameters(this.name, signal), {
      encoding: "utf8",
      env: podmanEnvironment(),
    });
    if (status !== 0) throw new Error(stderr);
  }
}

let count = 0;

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { AttemptEnd } from "./evaluate-on-exit.ts";
import { essentialContainerExited, type Container, type ContainerRequest, type ContainerRunner } from "./containers.ts";

/** What stands in for what an instance gives its containers. */
export interface HostSettings {
  /** Program and arguments in place of the image's entry point. */
  readonly entryPoint: readonly [program: string, ...parameters: string[]];
  /** Variables that a container has from its image and its instance's role: credentials, endpoints, folders. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of a container's own that are others here; undefined = left out. */
  readonly replaced?: Readonly<Record<string, string | undefined>>;
  /** Working directory; an image's is its application folder. */
  readonly folder: string;
}

/** Runs each container as a process with exactly the container's environment, and nothing of this process' own. */
export class ProcessRunner implements ContainerRunner {
  constructor(private readonly host: HostSettings) {}

  async start({ environment, instance, onLine }: ContainerRequest): Promise<Container> {
    const { entryPoint, folder } = this.host;
    const [program, ...parameters] = entryPoint;
    const child = spawn(program, parameters, {
      cwd: folder,
      env: {
        PATH: process.env["PATH"] ?? "",
        ...this.host.environment,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: await instance.metadataEndpoint(),
        ...environment,
        ...this.host.replaced,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    const ended = new Promise<AttemptEnd>((resolve) => {
      child.on("error", (error) => resolve({ statusReason: `CannotStartContainerError: ${error.message}` }));
      child.on("close", (code, signal) =>
        resolve({ exitCode: code ?? exitCodeOfSignal(signal), statusReason: essentialContainerExited }),
      );
    });
    return { ended, signal: (signal) => void child.kill(signal) };
  }
}

/** A container that a signal ends has the exit code 128 + its number. */
function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return signal === "SIGTERM" ? 143 : 137;
}

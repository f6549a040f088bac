import { spawn } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { dataOfHost } from "../../constructs/host-data.ts";
import { essentialContainerExited, type Container, type ContainerRequest, type ContainerRunner } from "./containers.ts";
import type { AttemptEnd } from "./evaluate-on-exit.ts";
import { podmanEnvironment, runParameters, signalParameters } from "./podman.ts";

/** What stands in for what an instance gives its containers. */
export interface ImageHostSettings {
  /** Image in place of the job definition's. */
  readonly image: string;
  /** Credentials and endpoints, which a container has from its instance's role. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of a container's own that are others here; undefined = left out. */
  readonly replaced?: Readonly<Record<string, string | undefined>>;
  /** Folder of this machine for what instances have on their disks. */
  readonly folder: string;
}

let count = 0;

/** Runs each container under podman, in the image that is deployed, as the job definition says. */
export class ImageRunner implements ContainerRunner {
  constructor(private readonly host: ImageHostSettings) {}

  async start({ environment, command, instance, onLine }: ContainerRequest): Promise<Container> {
    const { image, replaced = {} } = this.host;
    const name = `nightsweep-twin-${process.pid}-${count++}`;
    const given = {
      ...this.host.environment,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: await instance.metadataEndpoint(),
      ...environment,
      ...replaced,
    };
    const folders = { [dataOfHost.containerPath]: this.diskOf(instance.id) };
    const container = { name, image, environment: withoutUndefined(given), folders, command };
    const child = spawn("podman", runParameters(container), {
      stdio: ["ignore", "pipe", "pipe"],
      env: podmanEnvironment(),
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    const ended = new Promise<AttemptEnd>((resolve) => {
      child.on("error", (error) => resolve({ statusReason: `CannotStartContainerError: ${error.message}` }));
      child.on("close", (code) => resolve({ exitCode: code ?? 137, statusReason: essentialContainerExited }));
    });
    return { ended, signal: (signal) => sendSignal(name, signal === "SIGTERM" ? "TERM" : "KILL") };
  }

  /** Each instance has a disk of its own; the image's user may write to it. */
  private diskOf(instanceId: string): string {
    const folder = path.join(this.host.folder, "instances", instanceId);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    return folder;
  }
}

/** Podman refuses while a container is still being made, or is gone already: a signal is sent until it was one of these. */
function sendSignal(name: string, signal: "TERM" | "KILL", triesLeft = 20): void {
  const child = spawn("podman", signalParameters(name, signal), { stdio: "ignore", env: podmanEnvironment() });
  child.on("error", () => undefined);
  child.on("close", (code) => {
    if (code !== 0 && triesLeft > 0) setTimeout(() => sendSignal(name, signal, triesLeft - 1), 250).unref();
  });
}

function withoutUndefined(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

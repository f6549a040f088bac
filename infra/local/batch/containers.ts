import type { AttemptEnd } from "./evaluate-on-exit.ts";

/** What a container is started with. */
export interface ContainerRequest {
  /** Image of the job definition. */
  readonly image: string;
  /** What is run in it; empty = the image's own entry point. */
  readonly command: readonly string[];
  /** Everything in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Id of the instance that it runs on, and that instance's metadata service. */
  readonly instance: { readonly id: string; readonly metadataEndpoint: () => Promise<string> };
  /** Takes what it prints. */
  readonly onLine: (line: string) => void;
}

/** A container that runs. */
export interface Container {
  readonly ended: Promise<AttemptEnd>;
  signal(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Starts containers, or what stands in for them. */
export interface ContainerRunner {
  start(request: ContainerRequest): Promise<Container> | Container;
}

/** What AWS Batch says of an attempt whose container ended by itself. */
export const essentialContainerExited = "Essential container in task exited";

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const storage = ["--storage-driver", process.env["STORAGE_DRIVER"] ?? "vfs"];

/** Parameters of podman that run an image as Batch does: read-only but for a tmpfs /tmp, the machine's network. */
// prettier-ignore
const asBatch = [
  "--runtime",
  "runc",
  "run",
  "--rm",
  "--network",
  "host",
  "--read-only",
  "--read-only-tmpfs=false",
  "--tmpfs",
  "/tmp:rw,nosuid,nodev,size=2g",
  "--cgroups",
  "enabled",
  // These let it run in a container.
  "--security-opt",
  "seccomp=unconfined",
  "--ulimit",
  "nofile=1024:1024",
  "--ulimit",
  "nproc=1024:1024",
];

/** Whether podman is here and has an image. */
export function hasImage(image: string): boolean {
  return spawnSync("podman", [...storage, "image", "exists", image], { stdio: "ignore" }).status === 0;
}

/** What a container is started with. */
export interface PodmanContainer {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders of this machine by their places in the container. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Absent or empty = what the image runs. */
  readonly command?: readonly string[];
}

/** Parameters of podman that start a container. */
export function runParameters({ name, image, environment, folders = {}, command = [] }: PodmanContainer): string[] {
  const mounted = Object.entries(folders).flatMap(([inside, folder]) => ["--volume", `${folder}:${inside}`]);
  const given = Object.entries(environment).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]);
  return [...storage, ...asBatch, "--name", name, ...mounted, ...given, image, ...command];
}

/** Parameters of podman that send a signal to a container's first process, as the ECS agent does. */
export function signalParameters(name: string, signal: "TERM" | "KILL"): string[] {
  return [...storage, "kill", "--signal", signal, name];
}

let confFile: string | undefined;

/** The environment of podman itself, with which it runs in a container as well. */
export function podmanEnvironment(): NodeJS.ProcessEnv {
  if (confFile === undefined) {
    confFile = path.join(mkdtempSync(path.join(tmpdir(), "nightsweep-podman-")), "containers.conf");
    writeFileSync(confFile, '[engine]\ncgroup_manager = "cgroupfs"\n[containers]\nnetns = "host"\n');
  }
  return { ...process.env, CONTAINERS_CONF: confFile };
}

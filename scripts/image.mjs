// `npm run image -- cpu|gpu`: builds the trainer's image with docker, or with buildah where docker isn't there.
//   --stand-in   makes the base image on this machine first, where no image registry is reached (buildah, root)
//   --tag NAME   default: localhost/nightsweep-trainer:<flavour>
// The last line is one JSON object: image, bytes, seconds.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./prepare.mjs";
import { makeStandIn } from "./stand-in-base.mjs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { "stand-in": { type: "boolean", default: false }, tag: { type: "string" } },
});
const [flavour = "gpu"] = positionals;
if (!["cpu", "gpu"].includes(flavour)) fail(`got "${flavour}", expected cpu or gpu`);
const tag = values.tag ?? `localhost/nightsweep-trainer:${flavour}`;
const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(path.join(root, "Dockerfile.gpu"), "utf8"))?.[1] ?? "";
const buildah = { command: "buildah", parameters: ["--storage-driver", process.env["STORAGE_DRIVER"] ?? "vfs"] };
const isDocker = !values["stand-in"] && isThere("docker");
if (!isDocker && !isThere("buildah")) fail("neither docker nor buildah is installed (Debian: apt-get install buildah)");

const started = Date.now();
if (values["stand-in"] && !hasImage(base)) {
  const version = /node:([\d.]+)-/.exec(base)?.[1] ?? "";
  console.error(`Making a stand-in for ${base} …`);
  makeStandIn({ call, buildah, version, image: base });
}
const baseSeconds = (Date.now() - started) / 1000;
const begin = Date.now();
const what = ["-f", "Dockerfile.gpu", "--build-arg", `FLAVOUR=${flavour}`, "-t", tag, "."];
if (isDocker) call("docker", ["build", "--platform", "linux/amd64", ...what]);
else {
  // A container in a container: no namespaces of its own, the network of the machine.
  const alone = ["--isolation", "chroot", "--network", "host", ...(values["stand-in"] ? ["--pull-never"] : [])];
  call("buildah", [...buildah.parameters, "bud", "--layers", ...alone, ...what]);
}
const seconds = (Date.now() - begin) / 1000;
console.log(
  JSON.stringify({
    image: tag,
    bytes: sizeOf(tag),
    seconds: Math.round(seconds),
    baseSeconds: Math.round(baseSeconds),
  }),
);

function call(command, parameters, options = {}) {
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (error) throw error;
  if (status !== 0) fail(`${command} ${parameters[0]} failed (${status})`);
}

function isThere(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

function hasImage(name) {
  return (
    spawnSync("buildah", [...buildah.parameters, "inspect", "--type", "image", name], { stdio: "ignore" }).status === 0
  );
}

/** Bytes of all layers, unpacked. */
function sizeOf(name) {
  if (isDocker) return Number(ask("docker", ["image", "inspect", "--format", "{{.Size}}", name]));
  return Number(ask("podman", [...buildah.parameters, "image", "inspect", "--format", "{{.Size}}", name]));
}

function ask(command, parameters) {
  return spawnSync(command, parameters, { encoding: "utf8" }).stdout ?? "";
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

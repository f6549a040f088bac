// `npm run check`: everything that has to be green before something is called done.
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
const bin = (...parts) => path.join(root, "node_modules", ...parts);
/** @type {readonly (readonly [name: string, script: string, parameters: readonly string[]])[]} */
const steps = [
  ["format", bin("@biomejs", "biome", "bin", "biome"), ["format", "."]],
  ["lint", bin("oxlint", "bin", "oxlint"), ["-c", ".oxlintrc.json", "--type-aware", "--deny-warnings", "."]],
  ["types", bin("typescript", "bin", "tsc"), ["--noEmit", "-p", "tsconfig.json"]],
  ["types of the infrastructure", bin("typescript", "bin", "tsc"), ["--noEmit", "-p", "infra/tsconfig.json"]],
  [
    "types of the report's client",
    bin("typescript", "bin", "tsc"),
    ["--noEmit", "-p", "src/report/client/tsconfig.json"],
  ],
  ["kernels", path.join("scripts", "build-kernels.mjs"), ["--check"]],
  ["dead code", bin("knip", "bin", "knip.js"), []],
];
for (const [name, script, parameters] of steps) {
  console.error(`— ${name}`);
  run(process.execPath, [script, ...parameters]);
}
build();
console.error("— tests");
run(process.execPath, [path.join("scripts", "test.mjs")]);

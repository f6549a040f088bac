// `npm run bench -- <name>`: runs bench/<name>.ts; its last line is one JSON object with its ratios.
import { readdirSync } from "node:fs";
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();
const names = readdirSync(path.join(root, "bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.basename(file, ".ts"));
const [name, ...parameters] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- <name>, one of: ${names.join(", ")}`);
  process.exit(64);
}
run(process.execPath, ["--import", "tsx", path.join("bench", `${name}.ts`), ...parameters]);

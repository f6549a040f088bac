// `npm run cloud:local -- run <file>`: the offline twin of what is deployed on AWS, see docs/cloud-local.md.
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();
run(process.execPath, ["--import", "tsx", path.join(root, "infra", "local", "main.ts"), ...process.argv.slice(2)]);

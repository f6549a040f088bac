// `npm run native`: makes the native engine (TensorFlow) for this machine; see docs/engines.md.
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();
run(process.execPath, [path.join(root, "bin", "nightsweep.js"), "engine", "install", ...process.argv.slice(2)]);

// `npm run demo`: the main job on real data. Installs and compiles what is missing, trains the quickstart experiment on
// real MNIST (trials that are finished are not trained again), shows the leaderboard, a confusion matrix and the report.
// Flags of `nightsweep run` may follow; a store that they name is the one that is shown.
import path from "node:path";
import { parseArgs } from "node:util";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();

const flags = process.argv.slice(2);
const { store } = parseArgs({ args: flags, options: { store: { type: "string", short: "s" } }, strict: false }).values;
const place = typeof store === "string" ? ["--store", store] : [];
const nightsweep = (...parameters) => run(process.execPath, [path.join(root, "bin", "nightsweep.js"), ...parameters]);
const experiment = path.join("experiments", "quickstart.yaml");
console.error(`\n$ npx nightsweep run ${experiment}`);
nightsweep("run", experiment, ...flags);
console.error("\n$ npx nightsweep compare quickstart --confusion best");
nightsweep("compare", "quickstart", "--confusion", "best", ...place);
console.error("\n$ npx nightsweep report quickstart");
nightsweep("report", "quickstart", ...place);

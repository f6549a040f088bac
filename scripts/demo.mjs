// `npm run demo`: the main job on real data. Installs and compiles what is missing, trains the quickstart experiment on
// real MNIST (trials that are finished are not trained again), shows the leaderboard, a confusion matrix and the report.
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();

const nightsweep = (...parameters) => run(process.execPath, [path.join(root, "bin", "nightsweep.js"), ...parameters]);
const experiment = path.join("experiments", "quickstart.yaml");
console.error(`\n$ npx nightsweep run ${experiment}`);
nightsweep("run", experiment, ...process.argv.slice(2));
console.error("\n$ npx nightsweep compare quickstart --confusion best");
nightsweep("compare", "quickstart", "--confusion", "best");
console.error("\n$ npx nightsweep report quickstart");
nightsweep("report", "quickstart");

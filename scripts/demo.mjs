// `npm run demo`: the main job on real data. Installs and compiles what is missing, trains the quickstart experiment on
// real MNIST (trials that are finished are not trained again), shows the leaderboard, a confusion matrix and the report.
import path from "node:path";
import { build, install, requireNode, root, run } from "./prepare.mjs";

requireNode();
install();
build();

const nightsweep = (...parameters) => run(process.execPath, [path.join(root, "bin", "nightsweep.js"), ...parameters]);
const given = process.argv.slice(2);
const store = storeFlag(given);
const experiment = path.join("experiments", "quickstart.yaml");
console.error(`\n$ npx nightsweep run ${experiment}`);
nightsweep("run", experiment, ...given);
console.error("\n$ npx nightsweep compare quickstart --confusion best");
nightsweep("compare", "quickstart", "--confusion", "best", ...store);
console.error("\n$ npx nightsweep report quickstart");
nightsweep("report", "quickstart", ...store);

/** `--store` with its value as it was given, for the commands that read what `run` has written. */
function storeFlag(parameters) {
  const index = parameters.findLastIndex((parameter) => /^(--store|-s)/.test(parameter));
  if (index < 0) return [];
  return parameters.slice(index, /^(--store|-s)$/.test(parameters[index]) ? index + 2 : index + 1);
}

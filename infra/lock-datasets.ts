// `npm run lock-data`: looks at the data sets that experiments name and that are on this machine, and writes what is in them
// to experiments/datasets.json; what is known of others stays. With these facts `cdk synth` plans experiments anywhere.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadManifest } from "../src/dataset/open-dataset.ts";
import { canonicalJson } from "../src/plan/canonical-json.ts";
import { listDatasets } from "../src/plan/plan-experiment.ts";
import { loadExperiment } from "../src/spec/load-experiment.ts";
import { factsFile, placeInProject, type DatasetFact } from "./experiments/dataset-facts.ts";
import { listExperimentFiles } from "./experiments/experiment-files.ts";

const project = path.resolve(process.argv[2] ?? fileURLToPath(new URL("../", import.meta.url)));
const file = path.join(project, "experiments", factsFile);
const facts = new Map(readKnown().map((fact) => [canonicalJson(fact.dataset), fact]));
for (const experimentFile of listExperimentFiles(project)) {
  const loaded = await loadExperiment(experimentFile);
  if ("issues" in loaded) continue;
  const folder = path.dirname(experimentFile);
  for (const { spec } of listDatasets(loaded.experiment)) {
    const dataset = placeInProject(spec, folder, project);
    const found = await loadManifest(spec, folder);
    if ("manifest" in found) facts.set(canonicalJson(dataset), { dataset, manifest: found.manifest });
    else if (!facts.has(canonicalJson(dataset))) console.error(`not on this machine: ${canonicalJson(dataset)}`);
  }
}
const datasets = [...facts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
writeFileSync(file, `${JSON.stringify({ schemaVersion: 1, datasets }, undefined, 2)}\n`);
console.log(`${file}: ${datasets.map(({ manifest }) => manifest.name).join(", ")}`);

function readKnown(): readonly DatasetFact[] {
  try {
    const { datasets }: { readonly datasets: readonly DatasetFact[] } = JSON.parse(readFileSync(file, "utf8"));
    return datasets;
  } catch {
    return [];
  }
}

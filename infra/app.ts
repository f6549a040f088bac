// `npx cdk synth`, `npx cdk deploy`: see cdk.json.
import { buildApp } from "./build-app.ts";
import { InvalidExperimentsError } from "./experiments/compile-experiments.ts";

try {
  (await buildApp()).synth();
} catch (error) {
  if (!(error instanceof InvalidExperimentsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 65;
}

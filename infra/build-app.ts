import { App, Validations } from "aws-cdk-lib";
import featureFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { AwsSolutionsChecks } from "cdk-nag";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { resultsVersion } from "../src/contract/results-version.ts";
import { config as defaultConfig, type DeploymentConfig } from "./config.ts";
import { compileExperiments } from "./experiments/compile-experiments.ts";
import { NightsweepStack } from "./stacks/nightsweep-stack.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What differs from `npx cdk synth`. */
export interface AppOptions {
  /** On top of the configuration file. */
  readonly config?: Partial<DeploymentConfig>;
  /** Folder whose `experiments/` are compiled; absent = this project. */
  readonly project?: string;
  /** Where the template goes; absent = as `cdk` says. */
  readonly outdir?: string;
}

/** Compiles the experiments and builds the app; nothing is written before `synth()`. @throws InvalidExperimentsError */
export async function buildApp({ config: changes, project = root, outdir }: AppOptions = {}): Promise<App> {
  const config = { ...defaultConfig, ...changes };
  const { sizes, account, region } = config;
  const version = packageVersion();
  const code = { packageVersion: version, resultsVersion };
  const compiled = await compileExperiments(project, { code, sizes, commit: commitOf(project) });
  // Here and not in cdk.json, so that the twin and the tests build the same template.
  const app = new App({ analyticsReporting: false, context: featureFlags, ...(outdir !== undefined && { outdir }) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new NightsweepStack(app, config.name, {
    description: "nightsweep: sweeps of training experiments on AWS Batch",
    env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) },
    config,
    compiled,
    version,
  });
  return app;
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  if (typeof content === "object" && content !== null && "version" in content) return String(content.version);
  throw new Error("package.json has no version");
}

/** What a night's figures are put down to: two commits are what happened between two nights. */
function commitOf(project: string): string | undefined {
  const git = (...parameters: string[]): string =>
    execFileSync("git", ["-C", project, ...parameters], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const commit = git("rev-parse", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}-dirty`;
  } catch {
    return undefined;
  }
}

// Starts an experiment that `npx cdk deploy` has compiled, as a night, and waits for its end (action.yml). Needs the AWS CLI
// and credentials.  node scripts/start-deployed.mjs <experiment> [--deployment NAME] [--wait-minutes N] [--name NAME]
// Exit code 0: the run is done; 1: it failed; 75: it still goes on; 66: there is no such experiment in the deployment.
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    deployment: { type: "string", default: "nightsweep" },
    "wait-minutes": { type: "string", default: "330" },
    name: { type: "string" },
    "poll-seconds": { type: "string", default: "30" },
  },
});
const [experiment = ""] = positionals;
const waitMinutes = number("wait-minutes");
const pollSeconds = number("poll-seconds");

const { Stacks } = aws("cloudformation", "describe-stacks", "--stack-name", values.deployment);
const outputs = Stacks[0].Outputs ?? [];
const found = outputs.find(({ Description = "" }) => Description.startsWith(`Starts ${experiment};`));
if (found === undefined) {
  const names = outputs.flatMap(({ Description = "" }) => /^Starts ([^;]+);/.exec(Description)?.slice(1) ?? []);
  fail(66, `${values.deployment} has no experiment "${experiment}"; it has: ${names.join(", ")}`);
}
const [, machine = "", input = ""] = /--state-machine-arn (\S+) --input '(.*)'/.exec(found.OutputValue) ?? [];
// To the minute: another attempt of the same job within it is the same night.
const scheduledFor = `${new Date().toISOString().slice(0, 16)}:00Z`;
const night = { ...JSON.parse(input), queue: "nightly", trigger: "schedule", scheduledFor };
const named = values.name === undefined ? [] : ["--name", values.name.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 80)];
const { executionArn } = aws(
  "stepfunctions",
  "start-execution",
  "--state-machine-arn",
  machine,
  "--input",
  JSON.stringify(night),
  ...named,
);
console.log(`started ${executionArn}`);
if (process.env["GITHUB_OUTPUT"]) appendFileSync(process.env["GITHUB_OUTPUT"], `execution=${executionArn}\n`);

const endMs = Date.now() + 60_000 * waitMinutes;
for (;;) {
  const { status, cause } = aws("stepfunctions", "describe-execution", "--execution-arn", executionArn);
  if (status === "SUCCEEDED") break;
  if (status !== "RUNNING") fail(1, `${experiment} ended as ${status}${cause === undefined ? "" : `: ${cause}`}`);
  if (Date.now() >= endMs) fail(75, `${experiment} still runs after ${waitMinutes} minutes; it goes on by itself`);
  await sleep(1000 * pollSeconds);
}
console.log(`${experiment} is done; a regression is told by the deployment's topic`);

function aws(...parameters) {
  const { status, stdout, stderr, error } = spawnSync("aws", [...parameters, "--output", "json"], { encoding: "utf8" });
  if (error) fail(66, `the AWS CLI can't be run: ${error.message}`);
  if (status !== 0) fail(74, `aws ${parameters[0]} ${parameters[1]}: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

function number(flag) {
  const value = Number(values[flag]);
  if (!(value >= 0)) fail(64, `--${flag} is "${values[flag]}", expected a number`);
  return value;
}

function fail(code, message) {
  console.error(message);
  process.exit(code);
}

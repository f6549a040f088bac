import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./synthesised.ts";

const script = fileURLToPath(new URL("../../scripts/start-deployed.mjs", import.meta.url));
const input = { compiled: { bucket: "assets", key: "abc.json" }, queue: "adhoc", trigger: "manual" };
const stack = {
  Stacks: [
    {
      Outputs: [
        { Description: "nightsweep … --store", OutputValue: "s3://records" },
        {
          Description: "Starts nightly-cnn; in the console: Start execution",
          OutputValue: `aws stepfunctions start-execution --state-machine-arn arn:machine --input '${JSON.stringify(input)}'`,
        },
      ],
    },
  ],
};

/** Starts an experiment with an AWS CLI that answers what it is told. @returns what it was asked, too */
function start(experiment: string, statuses: readonly string[]) {
  const folder = temporaryFolder();
  const asked = path.join(folder, "asked.jsonl");
  const answers = { "describe-stacks": stack, "start-execution": { executionArn: "arn:execution" } };
  writeFileSync(
    path.join(folder, "aws"),
    `#!${process.execPath}
const fs = require("fs");
const parameters = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(asked)}, JSON.stringify(parameters) + "\\n");
const looks = fs.readFileSync(${JSON.stringify(asked)}, "utf8").split("\\n").filter((line) => line.includes("describe-execution")).length;
const status = ${JSON.stringify(statuses)}[looks - 1];
console.log(JSON.stringify({ ...${JSON.stringify(answers)}, "describe-execution": { status, cause: "3 trials failed" } }[parameters[1]]));
`,
  );
  chmodSync(path.join(folder, "aws"), 0o755);
  const flags = ["--poll-seconds", "0", "--name", "github-7-1-nightly/cnn"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, experiment, ...flags], {
    encoding: "utf8",
    env: { PATH: folder },
  });
  const requests = readFileSync(asked, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string[]);
  return { status, output: stdout + stderr, requests };
}

describe("starting a deployed experiment from elsewhere", () => {
  test("runs it as a night, under a name that can be taken once, and waits for its end", () => {
    const { status, requests } = start("nightly-cnn", ["RUNNING", "RUNNING", "SUCCEEDED"]);

    expect(status).toBe(0);
    const started = requests.find(([, command]) => command === "start-execution") ?? [];
    expect(JSON.parse(started[started.indexOf("--input") + 1] ?? "")).toEqual({
      ...input,
      queue: "nightly",
      trigger: "schedule",
      scheduledFor: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/),
    });
    expect(started[started.indexOf("--name") + 1]).toBe("github-7-1-nightly-cnn");
    expect(requests.filter(([, command]) => command === "describe-execution")).toHaveLength(3);
  });

  test("fails as the run does, with its cause", () => {
    const { status, output } = start("nightly-cnn", ["FAILED"]);

    expect(status).toBe(1);
    expect(output).toContain("nightly-cnn ended as FAILED: 3 trials failed");
  });

  test("names what there is where something else was asked for", () => {
    const { status, output } = start("nightly-mlp", []);

    expect(status).toBe(66);
    expect(output).toContain('nightsweep has no experiment "nightly-mlp"; it has: nightly-cnn');
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareRun } from "../../../src/compare/compare-run.ts";
import { exportMlflow, type ServedExport } from "../../../src/orchestrate/export/export-mlflow.ts";
import type { ExportedRun } from "../../../src/orchestrate/export/export-tables.ts";
import { connectMlflow } from "../../../src/orchestrate/export/mlflow-client.ts";
import { lacksReaders, readersReason } from "./exports-python.ts";
import { sampleRun } from "./exported-run.ts";
import { startMlflowServer, startProxy, type MlflowServer } from "./mlflow-server.ts";

interface MlflowRunData {
  readonly info: {
    readonly run_id: string;
    readonly run_name: string;
    readonly status: string;
    readonly end_time?: number;
  };
  readonly data: {
    readonly metrics: readonly { readonly key: string; readonly value: number; readonly step: number }[];
    readonly params: readonly { readonly key: string; readonly value: string }[];
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
}

const createdAt = "2026-11-22T03:00:00.000Z";
let server: MlflowServer;

/** A run of another experiment, so that tests don't meet on the server: four trials, the last of which failed. */
async function runOf(experiment: string, change?: Parameters<typeof sampleRun>[0]): Promise<ExportedRun> {
  const run = await sampleRun(change, { seeds: [1] });
  const records = { ...run.records, experiment };
  return { ...run, records, comparison: compareRun(records) };
}

function exportTo(address: string, run: ExportedRun): Promise<ServedExport> {
  return exportMlflow(run, { client: connectMlflow({ address, environment: {} }), createdAt });
}

async function runsOf({ experimentId }: ServedExport): Promise<MlflowRunData[]> {
  const answer = await server.ask("POST", "runs/search", { experiment_ids: [experimentId], max_results: 100 });
  return answer["runs"] as MlflowRunData[];
}

async function historyOf(runId: string, metric: string): Promise<unknown[]> {
  const answer = await server.ask("GET", "metrics/get-history", { run_id: runId, metric_key: metric });
  return answer["metrics"] as unknown[];
}

function tagsOf({ data }: MlflowRunData): Record<string, string> {
  return Object.fromEntries(data.tags.map(({ key, value }) => [key, value]));
}

function outcomes({ runs }: ServedExport): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of runs) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describe.skipIf(lacksReaders)(`a run exported to an MLflow server${readersReason}`, () => {
  beforeAll(async () => {
    server = await startMlflowServer();
  }, 240_000);

  afterAll(() => server?.stop());

  test("is a parent with a child for each trial, with every epoch", async () => {
    const run = await runOf("whole");

    const served = await exportTo(server.address, run);

    const runs = await runsOf(served);
    const parent = runs.find(({ info }) => info.run_name === run.records.runId);
    const children = runs.filter((child) => tagsOf(child)["mlflow.parentRunId"] === parent?.info.run_id);
    expect(outcomes(served)).toEqual({ created: 5 });
    expect(runs).toHaveLength(5);
    expect(children).toHaveLength(4);
    expect(parent?.info.status).toBe("FINISHED");
    const [record] = run.records.trials;
    const child = children.find((candidate) => tagsOf(candidate)["nightsweep.trialId"] === record?.trial.id);
    expect(child?.info).toMatchObject({ run_name: "lenet5 · learningRate 0.001 · seed 1", status: "FINISHED" });
    expect(child?.data.params).toEqual(
      expect.arrayContaining([
        { key: "training.optimizer.learningRate", value: "0.001" },
        { key: "training.batchSize", value: "64" },
        { key: "data.dataset", value: "mnist" },
        { key: "seed", value: "1" },
      ]),
    );
    const start = Date.parse(record?.environment?.startedAt ?? "");
    expect(await historyOf(child?.info.run_id ?? "", "validation.loss")).toEqual(
      record?.metrics.map((line, index) =>
        expect.objectContaining({
          value: line.kind === "epoch" ? line.validation?.loss : NaN,
          step: line.epoch,
          timestamp: start + 1500 * (index + 1),
        }),
      ),
    );
  });

  test("has matrix, epochs and model card of each trial as files, and the leaderboard", async () => {
    const run = await runOf("files");

    const served = await exportTo(server.address, run);

    const listed = async (runId = ""): Promise<string[]> => {
      const { files } = await server.ask("GET", "artifacts/list", { run_id: runId });
      return (files as { path: string }[]).map(({ path }) => path).sort();
    };
    const [parent, first] = served.runs;
    const failed = served.runs.at(-1);
    const finished = ["confusion.json", "confusion.svg", "metrics.jsonl", "model-card.md"];
    expect(await listed(parent?.mlflowRunId)).toEqual(["leaderboard.csv", "leaderboard.md"]);
    expect(await listed(first?.mlflowRunId)).toEqual(finished);
    expect(await listed(failed?.mlflowRunId)).toEqual(["metrics.jsonl"]);
    expect(served.fileCount).toBe(2 + 3 * 4 + 1);
    const where = `${server.address}/get-artifact?run_uuid=${first?.mlflowRunId}&path=`;
    const matrix = (await (await fetch(`${where}confusion.json`)).json()) as { counts: number[][] };
    expect(matrix.counts).toEqual(run.records.trials[0]?.confusion?.counts);
    expect(await (await fetch(`${where}model-card.md`)).text()).toContain("## Most frequent mistakes");
  });

  test("has failed trials as failed runs, with the reason", async () => {
    const served = await exportTo(server.address, await runOf("with-failure"));

    const failed = (await runsOf(served)).filter(({ info }) => info.status === "FAILED");
    expect(failed.map(tagsOf)).toEqual([
      expect.objectContaining({
        "nightsweep.failureKind": "diverged",
        "nightsweep.failure": "The loss is NaN at step 412 (learning rate 0.01).",
      }),
    ]);
    expect(failed[0]?.info.end_time).toBeGreaterThan(0);
  });

  test("makes no second run when it is exported again, and asks for next to nothing", async () => {
    const run = await runOf("twice");
    const first = await exportTo(server.address, run);
    const before = await runsOf(first);
    const proxy = await startProxy(server.address);

    const second = await exportTo(proxy.address, run);

    proxy.stop();
    expect(outcomes(second)).toEqual({ unchanged: 5 });
    expect(await runsOf(second)).toEqual(before);
    expect(proxy.seen).toHaveLength(2);
  });

  test("goes on after an export that broke off, without doubling an epoch", async () => {
    const run = await runOf("broken-off");
    // The fourth batch and all that follow fail, also when tried again.
    const proxy = await startProxy(server.address, (path, count) =>
      path.endsWith("log-batch") && count >= 3 ? "unavailable" : "pass",
    );
    await expect(exportTo(proxy.address, run)).rejects.toThrow("answered 503: no capacity");
    proxy.stop();

    const served = await exportTo(server.address, run);

    const runs = await runsOf(served);
    expect(runs).toHaveLength(5);
    expect(outcomes(served)["updated"]).toBeGreaterThan(0);
    const children = runs.filter((child) => "nightsweep.trialId" in tagsOf(child));
    for (const { info } of children) {
      expect(await historyOf(info.run_id, "train.loss")).toHaveLength(info.status === "FAILED" ? 2 : 5);
    }
  }, 120_000);

  test("makes no second run if the answer to its creation was lost", async () => {
    const proxy = await startProxy(server.address, (path, count) =>
      path.endsWith("runs/create") && count % 3 === 1 ? "loseAnswer" : "pass",
    );

    const served = await exportTo(proxy.address, await runOf("lost-answers"));

    proxy.stop();
    expect(await runsOf(served)).toHaveLength(5);
  });

  test("is brought up to date when a trial that was running has finished", async () => {
    const running = await runOf("running", (record) =>
      record.trial.configuration === 0 && record.trial.seed === 1
        ? { ...record, state: { type: "started" }, metrics: record.metrics.slice(0, 3) }
        : record,
    );
    const first = await exportTo(server.address, running);
    const statuses = (await runsOf(first)).map(({ info }) => info.status);

    const second = await exportTo(server.address, await runOf("running"));

    expect(statuses.filter((status) => status === "RUNNING")).toHaveLength(2);
    const runs = await runsOf(second);
    expect(runs).toHaveLength(5);
    expect(runs.filter(({ info }) => info.status === "RUNNING")).toEqual([]);
    const { trial } = running.records.trials[0] ?? {};
    const finished = runs.find((candidate) => tagsOf(candidate)["nightsweep.trialId"] === trial?.id);
    expect(await historyOf(finished?.info.run_id ?? "", "train.loss")).toHaveLength(5);
  });

  test("needs batches: 2,500 epochs of 7 figures arrive whole", async () => {
    const epochs = 2500;
    const run = await runOf("long", (record) => ({
      ...record,
      metrics: record.metrics
        .slice(0, 1)
        .flatMap((line) =>
          Array.from({ length: epochs }, (_, index) => ({ ...line, epoch: index + 1, step: index + 1 })),
        ),
    }));
    const [only] = run.records.trials;
    const records = { ...run.records, trials: only === undefined ? [] : [only] };

    const served = await exportTo(server.address, { ...run, records });

    const child = served.runs.find(({ trialId }) => trialId === only?.trial.id);
    const answer = await server.ask("GET", "metrics/get-history", {
      run_id: child?.mlflowRunId ?? "",
      metric_key: "train.loss",
      max_results: 5000,
    });
    expect(answer["metrics"]).toHaveLength(epochs);
  });

  test("is sent with the name and password of the environment, which no message holds", async () => {
    const proxy = await startProxy(server.address, () => "unavailable");
    const secret = "s3cret-word";
    const client = connectMlflow({
      address: proxy.address.replace("//", `//other:${secret}-2@`),
      environment: { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: secret },
    });

    const error: unknown = await client
      .ask("POST", "runs/create", {}, { isRepeatable: false })
      .catch((e: unknown) => e);

    proxy.stop();
    const credentials = Buffer.from(`ada:${secret}`).toString("base64");
    expect(proxy.seen[0]?.headers.authorization).toBe(`Basic ${credentials}`);
    expect(`${String(error)} ${client.location}`).not.toMatch(new RegExp(`${secret}|${credentials}`));
    expect(String(error)).toContain("answered 503");
  });
});

test("a token goes before name and password", async () => {
  const proxy = await startProxy("http://127.0.0.1:9", () => "unavailable");
  const environment = { MLFLOW_TRACKING_TOKEN: "t0ken", MLFLOW_TRACKING_USERNAME: "ada" };

  const asked = connectMlflow({ address: proxy.address, environment }).ask("GET", "x", {}, { isRepeatable: false });

  await expect(asked).rejects.toThrow("503");
  proxy.stop();
  expect(proxy.seen[0]?.headers.authorization).toBe("Bearer t0ken");
});

test.each(["localhost:5000", "sqlite:///mlflow.db", "./mlruns", "ftp://host"])(
  "%s is refused as an address",
  (address) => {
    expect(() => connectMlflow({ address, environment: {} })).toThrow(/is no address of an MLflow server\n {2}fix: /);
  },
);

test("a server that isn't there is named, after some tries", async () => {
  const client = connectMlflow({ address: "http://me:word@127.0.0.1:9", environment: {} });

  const asked = client.ask("GET", "experiments/get-by-name", { experiment_name: "x" }, { isRepeatable: false });

  await expect(asked).rejects.toThrow("the MLflow server at http://127.0.0.1:9 doesn't answer");
});

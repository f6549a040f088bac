import { request } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { openBrowser } from "../report/open-browser.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep, type Running } from "./nightsweep-process.ts";

const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
  validation: { fraction: 0.25 }
model:
  layers:
    - flatten
    - dense: { units: 8, activation: relu }
    - dense: { units: 4, activation: softmax }
training: { epochs: EPOCHS, batchSize: 20 }
sweep: { grid: { training.optimizer.learningRate: [0.01, 0.1] }, seeds: 2 }
`;

const { browser } = await openBrowser();

describe("a run that is looked at", () => {
  let folder = "";
  const servers: Running[] = [];
  const run = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "nightsweep-serve-"));
    writeDigitFolder(path.join(folder, "digits"), { train: 200, test: 60 });
    writeFileSync(path.join(folder, "digits.yaml"), experiment.replace("EPOCHS", "2"));
    writeFileSync(path.join(folder, "long.yaml"), experiment.replace("EPOCHS", "60").replace("digits\n", "long\n"));
    const { exitCode, stderr } = await run("run", "digits.yaml", "--workers", "2");
    if (exitCode !== exitCodes.done) throw new Error(stderr);
  });

  afterAll(async () => {
    for (const { child } of servers) child.kill();
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Starts `nightsweep serve`. @returns the address that it prints */
  async function serve(name: string): Promise<string> {
    const server = startNightsweep(["serve", name], {
      cwd: folder,
      environment: { NIGHTSWEEP_POLL_MS: "300" },
    });
    servers.push(server);
    return new Promise((resolve, reject) => {
      let text = "";
      server.child.stdout?.on("data", (part: string) => {
        text += part;
        if (text.includes("\n")) resolve(text.trim());
      });
      void server.outcome.then(({ stderr }) => reject(new Error(stderr)));
    });
  }

  /** The status of an answer; `fetch` may not choose its own Host. */
  function statusOf(url: string, options: { readonly host?: string; readonly method?: string } = {}): Promise<number> {
    const { host, method = "GET" } = options;
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, ...(host === undefined ? {} : { headers: { host } }) }, (response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      });
      asked.on("error", reject).end();
    });
  }

  test("is served to this machine only, to those who have the token, by its own name", async () => {
    const url = await serve("digits");
    const { port, origin } = new URL(url);

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/);
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(`${url}data`)).toBe(200);
    expect(await statusOf(`${url}blocks/curves-0`)).toBe(200);
    expect(await statusOf(`${url}blocks/nothing`)).toBe(404);
    expect(await statusOf(`${origin}/`)).toBe(404);
    expect(await statusOf(`${origin}/${"x".repeat(24)}/data`)).toBe(404);
    expect(await statusOf(url, { host: "evil.example" })).toBe(403);
    expect(await statusOf(url, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusOf(url, { method: "POST" })).toBe(405);
  });

  test.skipIf(browser === undefined)("is shown live: trials that finish meanwhile appear by themselves", async () => {
    const training = startNightsweep(["run", "long.yaml", "--workers", "1"], { cwd: folder });
    await training.reached(2);
    const page = await (await browser?.newContext({ locale: "en-US" }))?.newPage();
    if (!page) throw new Error("there is no browser");
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(await serve("long"));
    await page.getByRole("searchbox").fill("learningRate");

    await expect
      .poll(() => page.locator(".tile").allTextContents(), { timeout: 45_000 })
      .toContain("Trials finished4 of 4");

    expect(await page.locator("table.board tbody tr").count()).toBe(2);
    expect(await page.getByRole("searchbox").inputValue()).toBe("learningRate");
    await page.locator("#confusion table.matrix").waitFor();
    expect((await training.outcome).exitCode).toBe(exitCodes.done);
    expect(complaints).toEqual([]);
  });

  test("is watched in a terminal: the best configurations so far, and the curves of what runs", async () => {
    const { stdout, exitCode } = await run("watch", "digits", "--once");

    expect(exitCode).toBe(exitCodes.done);
    expect(stdout).toContain("4/4 finished · 0 begun · 0 failed · 0 to come");
    expect(stdout).toMatch(/best so far\s+seeds\s+validation accuracy/);
    expect(stdout).toMatch(/learningRate 0\.1?01?\s+2\/2\s+\d+\.\d\d % ± \d+\.\d\d/);
  });

  test("is reported into a file, with what an hour costs", async () => {
    const { stdout } = await run("report", "digits", "--file", "out/r.html", "--price-per-hour", "2", "-o", "json");

    const json = JSON.parse(stdout) as { file: string; fileCount: number; leftOut: string[] };
    expect(json.fileCount).toBe(0);
    expect(json.leftOut).toEqual([]);
    expect(path.relative(folder, json.file)).toMatch(/out.r\.html$/);
  });
});

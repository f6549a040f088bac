import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { exportsPython } from "./exports-python.ts";

/** A running MLflow server of the test's own, with an empty database. */
export interface MlflowServer {
  readonly address: string;
  /** What its REST API answers. */
  ask(method: "GET" | "POST", path: string, content: object): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Starts `mlflow server`; takes about ten seconds of processor. @param python one that has MLflow */
export async function startMlflowServer(python: string | undefined = exportsPython): Promise<MlflowServer> {
  if (python === undefined) {
    throw new Error("there is no MLflow: run `node scripts/install-test-components.mjs exports`");
  }
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-mlflow-"));
  const port = await freePort();
  const log = path.join(folder, "log.txt");
  const output = openSync(log, "w");
  const child = spawn(
    python,
    "-m mlflow server --backend-store-uri sqlite:///mlflow.db --artifacts-destination artifacts --host 127.0.0.1"
      .split(" ")
      .concat("--workers", "1", "--port", String(port)),
    {
      cwd: folder,
      // A group of its own: the server starts processes.
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false", MLFLOW_DISABLE_TELEMETRY: "true" },
    },
  );
  const stop = async (): Promise<void> => {
    const exited = child.exitCode === null ? once(child, "exit") : undefined;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await isUp(address)); tries++) {
    if (child.exitCode !== null || tries > 400) {
      const said = readFileSync(log, "utf8");
      await stop();
      throw new Error(`mlflow server did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return { address, ask: (method, where, content) => ask(address, { method, where, content }), stop };
}

async function ask(
  address: string,
  { method, where, content }: { method: "GET" | "POST"; where: string; content: object },
): Promise<Record<string, unknown>> {
  const query = method === "GET" ? `?${new URLSearchParams(Object.entries(content)).toString()}` : "";
  const response = await fetch(`${address}/api/2.0/mlflow/${where}${query}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(method === "POST" && { body: JSON.stringify(content) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Record<string, unknown>;
}

async function isUp(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** What a proxy does with a request: passes it on, answers for the server, or drops the answer after passing it on. */
export type ProxyAction = "pass" | "unavailable" | "loseAnswer";

/** A proxy in front of a server, which sees the headers and can misbehave. */
export interface Proxy {
  readonly address: string;
  readonly seen: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  stop(): void;
}

/** Starts a proxy. @param choose what happens to the nth request (from 0) of a path */
export async function startProxy(
  target: string,
  choose: (path: string, count: number) => ProxyAction = () => "pass",
): Promise<Proxy> {
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const where = (incoming.url ?? "").replace(/\?.*/, "");
    const action = choose(where, seen.filter((entry) => entry.path === where).length);
    seen.push({ path: where, headers: incoming.headers });
    if (action === "unavailable") {
      incoming.resume();
      outgoing.writeHead(503).end("no capacity");
      return;
    }
    const onward = request(
      `${target}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (action === "loseAnswer") {
          answer.resume().on("end", () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, seen, stop: () => server.close() };
}

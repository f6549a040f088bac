import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReportVersion } from "./live-report.ts";

/** A running server of one report. */
export interface ReportServer {
  /** Where the page is; holds the token. */
  readonly url: string;
  /** Shows this version from now on, and tells all pages. */
  show(version: ReportVersion): void;
  /** Tells all pages that something is wrong. */
  tell(problem: string): void;
  close(): Promise<void>;
}

/** What a server needs. */
export interface ServerOptions {
  /** The page without data. */
  readonly page: string;
  readonly first: ReportVersion;
  /** 0 = any free one. */
  readonly port: number;
  /** Hard to guess: whoever knows it may read. */
  readonly token: string;
}

/** Connections without a word are taken for dead by what is between. */
const keepAliveMs = 15_000;

/**
 * Serves a report on this machine only: on 127.0.0.1, under a path that holds the token, and only to requests that name
 * this host, so that no other web page can read it by a name that it points here.
 * @throws Error of Node if the port is taken
 */
export async function startReportServer(options: ServerOptions): Promise<ReportServer> {
  const state = { current: options.first, listeners: new Set<ServerResponse>() };
  const server = createServer((request, response) => answer(request, response, { ...options, state, server }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const timer = setInterval(() => send(state.listeners, ": here\n\n"), keepAliveMs);
  return {
    url: `http://127.0.0.1:${portOf(server)}/${options.token}/`,
    show(version) {
      state.current = version;
      send(state.listeners, updateEvent(version));
    },
    tell: (problem) => send(state.listeners, `event: problem\ndata: ${problem.replaceAll(/\s+/g, " ")}\n\n`),
    async close() {
      clearInterval(timer);
      for (const listener of state.listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Serving extends ServerOptions {
  readonly server: Server;
  readonly state: { readonly current: ReportVersion; readonly listeners: Set<ServerResponse> };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function send(listeners: ReadonlySet<ServerResponse>, text: string): void {
  for (const listener of listeners) listener.write(text);
}

const headers = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): void {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
  };
  if (!isOwnHost(request.headers.host, portOf(serving.server))) return refuse(403, "This server answers to 127.0.0.1.");
  if (request.method !== "GET") return refuse(405, "There is nothing to write here.");
  const [token = "", ...rest] = new URL(request.url ?? "/", "http://localhost").pathname.slice(1).split("/");
  if (!isSameToken(token, serving.token)) return refuse(404, "Open the whole address that nightsweep serve printed.");
  const path = rest.join("/");
  if (path === "events") return listen(request, response, serving);
  const found = contentOf(path, serving);
  if (found === undefined) return refuse(404, "There is no such thing.");
  const etag = serving.state.current.version;
  response.writeHead(200, { ...headers, "content-type": found.type, etag }).end(found.bytes);
  return undefined;
}

function contentOf(path: string, { page, state }: Serving) {
  if (path === "") return { type: "text/html; charset=utf-8", bytes: page };
  const bytes = path === "data" ? state.current.data : state.current.blocks.get(path.replace(/^blocks\//, ""));
  return bytes === undefined ? undefined : { type: "application/gzip", bytes };
}

function listen(request: IncomingMessage, response: ServerResponse, { state }: Serving): void {
  response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
  // The version too: there may be a newer one since the page asked for its data.
  response.write(`retry: 2000\n\n${updateEvent(state.current)}`);
  state.listeners.add(response);
  request.on("close", () => state.listeners.delete(response));
}

function updateEvent({ version }: ReportVersion): string {
  return `event: update\ndata: ${version}\n\n`;
}

function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

function isSameToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

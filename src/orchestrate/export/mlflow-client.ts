import { hidePasswords } from "../provenance/hide-passwords.ts";

/** An MLflow server that can't be used, or that refused something; the message never holds what one logs in with. */
export class MlflowError extends Error {
  override readonly name = "MlflowError";
  /** MLflow's own code, e.g. `RESOURCE_ALREADY_EXISTS`; absent if it sent none. */
  readonly code: string | undefined;
  /** Whether the same may work a little later: no connection, too many requests, a fault of the server. */
  readonly mayPass: boolean;

  constructor(
    message: string,
    {
      code,
      mayPass = false,
      cause,
    }: { readonly code?: string; readonly mayPass?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.mayPass = mayPass;
  }
}

/** How a server is reached. */
export interface MlflowConnection {
  /** E.g. `http://127.0.0.1:5000`; a name and a password in it are used to log in. */
  readonly address: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a client can ask for: the REST API, version 2.0. */
export interface MlflowClient {
  /** Where it is, without passwords. */
  readonly location: string;
  /**
   * @param path below `/api/2.0/mlflow/`
   * @param isRepeatable whether it may be sent again if it is not known what became of it; default: yes
   * @throws MlflowError
   */
  ask(
    method: "GET" | "POST",
    path: string,
    content: Readonly<Record<string, unknown>>,
    options?: { readonly isRepeatable: boolean },
  ): Promise<unknown>;
  /**
   * Puts a file where the server keeps artefacts; one that is there is replaced.
   * @param path below the root of the server's artefacts
   * @throws MlflowError
   */
  putArtifact(path: string, bytes: Uint8Array): Promise<void>;
}

const maxTries = 5;
const firstDelayMs = 250;
const timeoutMs = 60_000;

/**
 * A client of a server's REST API. What fails in a way that may pass (no connection, 429, 5xx) is tried again.
 * @throws MlflowError if the address is none of a server
 * @see https://mlflow.org/docs/latest/rest-api.html
 */
export function connectMlflow({ address, environment }: MlflowConnection): MlflowClient {
  const base = URL.canParse(address) ? new URL(address) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    throw new MlflowError(
      `"${hidePasswords(address)}" is no address of an MLflow server\n  fix: give http(s)://host:port; folders and databases are served by \`mlflow server --backend-store-uri …\``,
    );
  }
  const authorization = authorizationOf(base, environment);
  const root = `${base.origin}${base.pathname.replace(/\/+$/, "")}`;
  return {
    location: root,
    async ask(method, path, content, { isRepeatable } = { isRepeatable: true }) {
      const url = new URL(`${root}/api/2.0/mlflow/${path}`);
      if (method === "GET")
        for (const [key, value] of Object.entries(content)) url.searchParams.set(key, String(value));
      const request = {
        method,
        headers: { "content-type": "application/json", ...(authorization && { authorization }) },
        ...(method === "POST" && { body: JSON.stringify(content) }),
      };
      return isRepeatable ? retried(() => send(url, request)) : send(url, request);
    },
    async putArtifact(path, bytes) {
      const where = path.split("/").map(encodeURIComponent).join("/");
      const url = new URL(`${root}/api/2.0/mlflow-artifacts/artifacts/${where}`);
      const body = new Uint8Array(bytes);
      await retried(() => send(url, { method: "PUT", headers: { ...(authorization && { authorization }) }, body }));
    },
  };
}

/** As MLflow's own clients: a token before name and password. */
function authorizationOf(base: URL, environment: MlflowConnection["environment"]): string | undefined {
  const token = environment["MLFLOW_TRACKING_TOKEN"];
  if (token !== undefined && token !== "") return `Bearer ${token}`;
  const name = environment["MLFLOW_TRACKING_USERNAME"] ?? decodeURIComponent(base.username);
  const password = environment["MLFLOW_TRACKING_PASSWORD"] ?? decodeURIComponent(base.password);
  return name === "" ? undefined : `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

async function retried(action: () => Promise<unknown>): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof MlflowError) || !error.mayPass || tries >= maxTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, firstDelayMs * 2 ** (tries - 1)));
    }
  }
}

async function send(url: URL, request: RequestInit): Promise<unknown> {
  const { ok, status, text } = await exchange(url, request);
  const content = parse(text);
  // Files are taken without a word.
  if (ok && (content !== undefined || text === "")) return content ?? {};
  const { error_code: code, message } = { error_code: undefined, message: undefined, ...content };
  const told = typeof message === "string" ? message : text.slice(0, 300);
  throw new MlflowError(`${url.origin}${url.pathname} answered ${status}: ${hidePasswords(told)}${adviceOn(status)}`, {
    mayPass: status === 429 || status >= 500,
    ...(typeof code === "string" && { code }),
  });
}

async function exchange(url: URL, request: RequestInit) {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (error) {
    const message = `the MLflow server at ${url.origin} doesn't answer: ${reasonOf(error)}`;
    throw new MlflowError(message, { mayPass: true, cause: error });
  }
}

function adviceOn(status: number): string {
  if (status !== 401 && status !== 403) return "";
  return "\n  fix: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function parse(text: string): object | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === "object" && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

import { createServer, request, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomStream } from "../../src/plan/random.ts";

/** What can go wrong with one request. */
export type Fault =
  /** 500, 503 or 429 without having done anything. */
  | "500"
  | "503"
  | "429"
  /** The connection breaks before anything is done. */
  | "reset"
  /** Everything is done, and the connection breaks before the answer. */
  | "lostAnswer"
  /** Everything is done, and half of the answer arrives. */
  | "halfBody"
  /** A byte of what is read is another one. */
  | "corrupt"
  /** Nothing is done, and no answer ever comes. */
  | "silence"
  /** The answer takes a while. */
  | "slow";

/** A proxy before a server, which spoils some requests. */
export interface FaultyProxy {
  readonly endpoint: string;
  /** How often each fault was made. */
  readonly made: ReadonlyMap<Fault, number>;
  stop(): void;
}

/** Says which fault the `index`th request meets, if any. */
export type ChooseFault = (
  index: number,
  request: { readonly method: string; readonly url: string },
) => Fault | undefined;

/** Faults at random: `share` of all requests, each of the kinds as often as the others. */
export function randomFaults(seed: number, share: number, kinds: readonly Fault[]): ChooseFault {
  const random = randomStream(seed);
  return (index) => {
    const word = random.wordAt(index);
    return (word & 0xffff) / 0x1_0000 < share ? kinds[(word >>> 16) % kinds.length] : undefined;
  };
}

/** Starts a proxy on a free port. */
export async function startFaultyProxy(target: string, choose: ChooseFault): Promise<FaultyProxy> {
  const made = new Map<Fault, number>();
  let index = 0;
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const fault = choose(index++, { method, url });
    if (fault !== undefined) made.set(fault, (made.get(fault) ?? 0) + 1);
    const body: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => body.push(chunk));
    incoming.on("error", () => undefined);
    incoming.on("end", () => {
      if (fault === "silence") return;
      if (fault === "reset") return void outgoing.destroy();
      if (fault === "500" || fault === "503" || fault === "429") return refuse(outgoing, Number(fault));
      void forward(target, { method, url, headers, body: Buffer.concat(body) }).then(
        (answer) => respond(outgoing, answer, { fault, method }),
        () => outgoing.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    made,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function forward(
  target: string,
  { method, url, headers, body }: { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const forwarded = request(`${target}${url}`, { method, headers: { ...headers, connection: "close" } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    forwarded.on("error", reject);
    forwarded.end(body);
  });
}

function refuse(outgoing: ServerResponse, status: number): void {
  const code = status === 503 ? "SlowDown" : status === 429 ? "TooManyRequests" : "InternalError";
  outgoing.writeHead(status, { "content-type": "application/xml" });
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>Please try again.</Message></Error>`);
}

function respond(
  outgoing: ServerResponse,
  { status, headers, body }: Answer,
  { fault, method }: { fault: Fault | undefined; method: string },
): void {
  if (fault === "lostAnswer") return void outgoing.destroy();
  const { connection: _, "transfer-encoding": __, ...kept } = headers;
  const length = method === "HEAD" ? kept["content-length"] : body.length;
  const write = (): void => {
    outgoing.writeHead(status, { ...kept, ...(length === undefined ? {} : { "content-length": length }) });
    if (fault === "halfBody") {
      outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
    } else {
      if (fault === "corrupt" && method === "GET" && body.length > 0) body.writeUInt8(body.readUInt8(0) ^ 1, 0);
      outgoing.end(body);
    }
  };
  if (fault === "slow") setTimeout(write, 50);
  else write();
}

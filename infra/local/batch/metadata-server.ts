import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The metadata service (IMDSv2) of one instance, as far as spot notices go. */
export class MetadataServer {
  private notice: { readonly action: "terminate"; readonly time: string } | undefined;
  private readonly tokens = new Set<string>();

  private constructor(private readonly server: Server) {}

  /** Starts it on a free port of this machine. */
  static async start(): Promise<MetadataServer> {
    const server = createServer();
    const metadata = new MetadataServer(server);
    server.on("request", (request, response) => {
      const { status, body } = metadata.answer(request.method ?? "", request.url ?? "", request.headers);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return metadata;
  }

  get endpoint(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  }

  /** From now on says that the instance will be taken back. */
  announce(time: Date): void {
    // As the real one does: without milliseconds.
    this.notice = { action: "terminate", time: time.toISOString().replace(/\.\d+/, "") };
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(
    method: string,
    url: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): { readonly status: number; readonly body: string } {
    if (method === "PUT" && url === "/latest/api/token") {
      const seconds = Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]);
      if (!(seconds >= 1 && seconds <= 21_600)) return { status: 400, body: "" };
      const token = randomUUID();
      this.tokens.add(token);
      return { status: 200, body: token };
    }
    if (!this.tokens.has(String(headers["x-aws-ec2-metadata-token"]))) return { status: 401, body: "" };
    if (method !== "GET" || url !== "/latest/meta-data/spot/instance-action" || this.notice === undefined)
      return { status: 404, body: "" };
    return { status: 200, body: JSON.stringify(this.notice) };
  }
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

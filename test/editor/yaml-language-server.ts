import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** A place in a text as editors count: line and character from 0. */
export interface EditorPosition {
  readonly line: number;
  readonly character: number;
}

/** Something that an editor underlines. */
export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: EditorPosition; readonly end: EditorPosition };
}

/** One entry of the list that an editor offers while somebody types. */
export interface Completion {
  readonly label: string;
  readonly insertText?: string;
  readonly documentation?: string | { readonly value: string };
}

/** What an editor with the YAML extension shows of texts that lie in a folder. */
export interface Editor {
  diagnose(text: string): Promise<readonly Diagnostic[]>;
  complete(text: string, position: EditorPosition): Promise<readonly Completion[]>;
  /** The text that is shown when the mouse rests at a place. */
  hover(text: string, position: EditorPosition): Promise<string>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const packageFile = require.resolve("yaml-language-server/package.json");
const server = path.join(path.dirname(packageFile), "bin", "yaml-language-server");

/**
 * Starts the language server that the YAML extensions of VS Code, Neovim and others start, and speaks to it as they do.
 * @param folder where the texts are said to lie: a relative path in a modeline starts there
 */
export async function openEditor(folder: string): Promise<Editor> {
  const connection = connect();
  const root = pathToFileURL(folder).href;
  await connection.request("initialize", {
    processId: process.pid,
    rootUri: root,
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
  });
  connection.notify("initialized", {});
  let count = 0;
  const open = (text: string) => {
    count += 1;
    const uri = `${root}/${count}.yaml`;
    const published = connection.nextDiagnostics(uri);
    connection.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    return { textDocument: { uri }, published };
  };
  return {
    diagnose: (text) => open(text).published,
    complete: async (text, position) => {
      const { textDocument } = open(text);
      const result = await connection.request("textDocument/completion", { textDocument, position });
      return (result as { items: Completion[] }).items;
    },
    hover: async (text, position) => {
      const { textDocument } = open(text);
      const result = await connection.request("textDocument/hover", { textDocument, position });
      return (result as { contents?: { value: string } } | null)?.contents?.value ?? "";
    },
    close: () => connection.close(),
  };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** JSON-RPC over the standard streams of the server's process. */
function connect() {
  const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const pending = new Map<number, (message: Message) => void>();
  const awaited = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  let lastId = 0;
  const send = (message: Message) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    child.stdin.write(body);
  };
  const receive = (message: Message) => {
    const { id, method, params } = message;
    if (method === undefined) return id === undefined ? undefined : pending.get(id)?.(message);
    if (method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = params as { uri: string; diagnostics: Diagnostic[] };
      return awaited.get(uri)?.(diagnostics);
    }
    // The server asks for settings and registers capabilities: this editor has no settings of its own.
    if (id !== undefined) send({ id, result: method === "workspace/configuration" ? [{}, {}, {}, {}, {}] : null });
  };
  readMessages(child.stdout, receive);
  return {
    request: (method: string, params: unknown): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, ({ error, result }) => (error ? reject(new Error(error.message)) : resolve(result)));
        send({ id, method, params });
      }),
    notify: (method: string, params: unknown) => send({ method, params }),
    nextDiagnostics: (uri: string) =>
      new Promise<readonly Diagnostic[]>((resolve) => {
        awaited.set(uri, resolve);
      }),
    close: () => {
      child.kill();
      return ended;
    },
  };
}

/** Calls back for every message of a stream: a header with the length, an empty line, JSON. */
function readMessages(stream: NodeJS.ReadableStream, receive: (message: Message) => void): void {
  let buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const [header = "", length] = /^Content-Length: (\d+)[\s\S]*?\r\n\r\n/.exec(buffer.toString("latin1")) ?? [];
      const end = header.length + Number(length);
      if (header === "" || buffer.length < end) return;
      const message = JSON.parse(buffer.toString("utf8", header.length, end)) as Message;
      buffer = buffer.subarray(end);
      receive(message);
    }
  });
}

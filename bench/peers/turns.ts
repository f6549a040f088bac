import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Milliseconds of a step. */
export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
  /** Time on processors, median over the turns: it hardly depends on what else the machine does. */
  readonly cpuMs: number;
}

/** What a peer answers after a turn. */
export interface Turn {
  /** Of each step. */
  readonly times: readonly number[];
  /** Time on processors, per step. */
  readonly cpuMs: number;
}

/** A process that does, for each line of JSON on its stdin, what it says, and answers with a line of JSON: a `Turn`. */
export interface Peer {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

/** Starts a peer. @param threads of TensorFlow, within an operation and between operations */
export function startPeer(command: string, parameters: readonly string[], threads: number): Peer {
  const variables = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) };
  const child = spawn(command, parameters, {
    stdio: ["pipe", "pipe", process.env["NIGHTSWEEP_BENCH_VERBOSE"] === undefined ? "ignore" : "inherit"],
    env: { ...process.env, ...variables, TF_CPP_MIN_LOG_LEVEL: "2" },
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Lets a peer do one turn. */
async function takeTurn({ child, lines }: Peer, task: unknown): Promise<Turn> {
  child.stdin?.write(`${JSON.stringify(task)}\n`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`a peer ended at ${JSON.stringify(task).slice(0, 200)}`);
    if (!value.startsWith("{")) continue;
    const answer: unknown = JSON.parse(value);
    if (isTurn(answer)) return answer;
  }
}

/**
 * Lets peers take turns, so that all see the same noise; what each needed, by name. The first turn warms up and does not
 * count. The order is reversed every other turn: who comes after whom makes a difference.
 */
export async function measureInTurns<Name extends string>(
  peers: ReadonlyMap<Name, Peer>,
  turns: number,
  taskFor: (name: Name) => unknown,
): Promise<Map<Name, Timing>> {
  const taken = new Map<Name, Turn[]>([...peers.keys()].map((name) => [name, []]));
  for (let turn = 0; turn <= turns; turn++) {
    const order = turn % 2 === 0 ? [...peers] : [...peers].toReversed();
    for (const [name, peer] of order) {
      const measured = await takeTurn(peer, taskFor(name));
      if (turn > 0) taken.get(name)?.push(measured);
    }
  }
  return new Map([...taken].map(([name, each]) => [name, timingOf(each)]));
}

/** Measures a turn. @param count of steps */
export function measureTurn(count: number, step: () => void): Turn {
  const before = process.cpuUsage();
  const times = Array.from({ length: count }, () => {
    const begin = performance.now();
    step();
    return performance.now() - begin;
  });
  const { user, system } = process.cpuUsage(before);
  return { times, cpuMs: (user + system) / 1000 / count };
}

function timingOf(turns: readonly Turn[]): Timing {
  const times = turns.flatMap((turn) => turn.times);
  return {
    medianMs: median(times),
    minMs: rounded(Math.min(...times)),
    cpuMs: median(turns.map(({ cpuMs }) => cpuMs)),
  };
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function isTurn(value: unknown): value is Turn {
  return typeof value === "object" && value !== null && "times" in value && "cpuMs" in value;
}

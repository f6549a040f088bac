import type { SpotWatch } from "../src/contract/spot-variables.ts";

/** What AWS says two minutes before it takes a spot instance back. */
export interface SpotNotice {
  /** `terminate`, `stop` or `hibernate`. */
  readonly action: string;
  /** When it happens: ISO 8601, UTC. */
  readonly time: string;
}

/** Who is told what the watch finds. */
export interface SpotListener {
  /** Called at most once. */
  onNotice(notice: SpotNotice): void;
  /** Called at most once: nobody answers, so a reclaim will come without a notice. */
  onSilence(reason: string): void;
}

/** A token of the metadata service is good for so long; it is asked for again well before. */
const tokenSeconds = 21_600;
const requestTimeoutMs = 2000;
/** So many looks in a row that nobody answered are told; looking goes on. */
const toldAfterFailures = 3;

/**
 * Looks for the notice that the spot instance under this process is about to be reclaimed. Containers of AWS Batch get
 * no signal then: whoever wants to write a checkpoint has to ask the instance's metadata (IMDSv2).
 * @returns ends the watch
 */
export function watchSpotNotice({ endpoint, pollMs }: SpotWatch, listener: SpotListener): () => void {
  let token: string | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const look = async (): Promise<void> => {
    try {
      token ??= await fetchToken(endpoint);
      const answer = await askAction(endpoint, token);
      failures = 0;
      if (answer === "expired") token = undefined;
      else if (answer !== undefined && !isEnded) {
        isEnded = true;
        return listener.onNotice(answer);
      }
    } catch (error) {
      failures++;
      if (failures === toldAfterFailures && !isEnded) listener.onSilence(describe(error));
    }
    if (isEnded) return;
    timer = setTimeout(() => void look(), pollMs);
    timer.unref();
  };
  void look();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

async function fetchToken(endpoint: string): Promise<string> {
  const answer = await fetch(`${endpoint}/latest/api/token`, {
    method: "PUT",
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": String(tokenSeconds) },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!answer.ok) throw new Error(`the token was refused with status ${answer.status}`);
  return answer.text();
}

/** @returns the notice; undefined = there is none; `expired` = another token is needed */
async function askAction(endpoint: string, token: string): Promise<SpotNotice | "expired" | undefined> {
  const answer = await fetch(`${endpoint}/latest/meta-data/spot/instance-action`, {
    headers: { "X-aws-ec2-metadata-token": token },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (answer.status === 401) return "expired";
  if (!answer.ok) throw new Error(`the metadata answered with status ${answer.status}`);
  return parseNotice(text);
}

/** That there is a notice counts, whatever is in it. */
function parseNotice(text: string): SpotNotice {
  try {
    const { action = "terminate", time = "soon" }: { action?: string; time?: string } = JSON.parse(text);
    return { action, time };
  } catch {
    return { action: "terminate", time: "soon" };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

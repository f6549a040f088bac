/** An answer that may be another one when the same is asked again; not an error of the service. */
export class UnsettledAnswer extends Error {
  override readonly name = "UnsettledAnswer";
}

/** What is known about a failed request. */
export interface FailureFacts {
  /** The service's error code, or that of the system call; else the error's name. */
  readonly code: string;
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  readonly message: string;
}

const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

const transientCodes: ReadonlySet<string> = new Set(
  [
    "SlowDown Throttling ThrottlingException RequestLimitExceeded TooManyRequests",
    "InternalError ServiceUnavailable RequestTimeout TimeoutError AbortError",
    "ConditionalRequestConflict OperationAborted IncompleteBody BadDigest XAmzContentSHA256Mismatch",
    "ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ETIMEDOUT EAI_AGAIN ENETUNREACH EHOSTUNREACH",
    "ERR_STREAM_PREMATURE_CLOSE UnreadableAnswer UnsettledAnswer",
  ].flatMap((codes) => codes.split(" ")),
);

/** Whether the same request may succeed when it is made again. */
export function isTransient(error: unknown): boolean {
  return isTransientFailure(failureFacts(error));
}

/** The same by what is known about the failure. */
export function isTransientFailure({ code, status }: FailureFacts): boolean {
  return transientCodes.has(code) || (status !== undefined && transientStatuses.has(status));
}

/** Whether a request failed in one of these ways: by the service's code or the HTTP status. */
export function failedWith(error: unknown, codes: readonly (string | number)[]): boolean {
  const { code, status } = failureFacts(error);
  return codes.includes(code) || (status !== undefined && codes.includes(status));
}

/** What is known about a failed request from what was thrown. */
export function failureFacts(error: unknown): FailureFacts {
  const message = error instanceof Error ? error.message : String(error);
  const status = numberAt(propertyOf(error, "$metadata"), "httpStatusCode");
  if (message === "Region is missing") return { code: "RegionMissing", status, message };
  if (message.includes("Deserialization error")) return { code: "UnreadableAnswer", status, message };
  if (/Could not load credentials|Resolved credential object is not valid/.test(message)) {
    return { code: "NoCredentials", status, message };
  }
  const code =
    stringAt(error, "code") ?? stringAt(error, "Code") ?? (error instanceof Error ? error.name : "unknown error");
  return { code, status, message };
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function stringAt(value: unknown, name: string): string | undefined {
  const found = propertyOf(value, name);
  return typeof found === "string" ? found : undefined;
}

function numberAt(value: unknown, name: string): number | undefined {
  const found = propertyOf(value, name);
  return typeof found === "number" ? found : undefined;
}

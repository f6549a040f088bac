/** What an engine's self-test found; the last line that it prints, as JSON. */
export interface EngineReport {
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Device, further versions, flags. */
  readonly details: Readonly<Record<string, string>>;
  readonly startMilliseconds: number;
  readonly checks: readonly { readonly name: string; readonly isPassed: boolean; readonly detail: string }[];
}

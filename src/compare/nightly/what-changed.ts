import type { NightCircumstances } from "../../record/night-document.ts";
import type { JudgedNight } from "./nightly-types.ts";

/** What differs between a night and the last good one before it. */
export interface NightChanges {
  /** The last good night; absent if there was none. */
  readonly since?: { readonly date: string; readonly runId: string };
  /** Commits after the first, up to the second; absent if they are the same or not known. */
  readonly commits?: { readonly from: string; readonly to: string; readonly address?: string };
  /** Whatever else differs, one sentence each. */
  readonly lines: readonly string[];
}

const facts: readonly (readonly [key: keyof NightCircumstances, name: string])[] = [
  ["nightsweep", "nightsweep"],
  ["resultsVersion", "results version"],
  ["engineVersion", "engine version"],
  ["imageDigest", "container image"],
  ["node", "Node.js"],
  ["gpuDriver", "GPU driver"],
  ["experimentSha256", "experiment file"],
  ["lockFileSha256", "lock file"],
];

/**
 * What may explain a night: commits, configuration, versions and image, against the last good night of its series.
 * @param nights of one series, in order of time
 * @param index the night that is to be explained
 */
export function whatChanged(nights: readonly JudgedNight[], index: number): NightChanges {
  const night = nights[index];
  const good = nights
    .slice(0, Math.max(0, index))
    .findLast(({ verdict }) => verdict === "ok" || verdict === "improved");
  const last = good ?? nights[index - 1];
  if (night === undefined || last === undefined) return { lines: [] };
  const [before, after] = [last.circumstances, night.circumstances];
  const lines = facts.flatMap(([key, name]) => {
    const [a, b] = [before[key], after[key]];
    return a === b || b === undefined ? [] : [`${name}: ${shorten(a)} → ${shorten(b)}`];
  });
  const configuration =
    last.configurationId === night.configurationId ? [] : ["the configuration itself (its id differs)"];
  const dirty = after.isDirty === true ? ["changes that are in no commit"] : [];
  const commits = commitRange(before, after);
  return {
    ...(good === undefined ? {} : { since: { date: good.date, runId: good.runId } }),
    ...(commits === undefined ? {} : { commits }),
    lines: [...configuration, ...lines, ...dirty],
  };
}

function commitRange(before: NightCircumstances, after: NightCircumstances): NightChanges["commits"] {
  const [from, to] = [before.commit, after.commit];
  if (from === undefined || to === undefined || from === to) return undefined;
  const repository = repositoryAddress(after.origin);
  return { from, to, ...(repository === undefined ? {} : { address: `${repository}/compare/${from}...${to}` }) };
}

/** The web address of a repository on GitHub or GitLab; undefined for others, whose pages are called otherwise. */
function repositoryAddress(origin = ""): string | undefined {
  const match = /^(?:https:\/\/|git@|ssh:\/\/git@)((?:github|gitlab)\.com)[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(
    origin,
  );
  return match === null ? undefined : `https://${match[1]}/${match[2]}`;
}

function shorten(value: string | number | boolean | undefined): string {
  if (value === undefined) return "unknown";
  const text = String(value);
  return /^(?:sha256:)?[0-9a-f]{32,}$/.test(text) ? text.replace("sha256:", "").slice(0, 12) : text;
}

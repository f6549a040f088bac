import { predictionMargin } from "../../metrics/prediction-limit.ts";
import { mean } from "../../metrics/sample-statistics.ts";
import { judgeConfirmation, type ConfirmationVerdict, type SeedSpread } from "./judge-confirmation.ts";
import { describeDrift, findDrift } from "./night-drift.ts";
import { pooledVariance } from "../../metrics/student-test.ts";
import { isRepetition } from "./confirming-seeds.ts";
import { findLevels, levelOf, type LevelNight, type NightLevels } from "./night-levels.ts";
import type { Baseline, JudgedNight, NightPoint, NightRules, NightSegment } from "./nightly-types.ts";

/** Spread that a change of level is held against where nights are all alike, as a part of the smallest effect. */
const smallestSdPart = 0.1;
/** Nights that the spread between seeds is from. */
const seedWindow = 30;

/**
 * Judges every night by those before it, in order: the same nights and rules give the same verdicts, whenever and
 * wherever they are asked for. A night's figure is its mean over the fixed seeds. It is suspect below a one-sided
 * prediction limit that is at least the smallest effect away from the current level, and regressed if a run of its own
 * or the next night confirms it. Nights that are suspect or regressed don't count for the level.
 * @param points nights of one series, in order of time
 * @param acknowledged what people wrote, by the id of the run from which on the new level counts
 */
export function judgeNights(
  points: readonly NightPoint[],
  rules: NightRules,
  acknowledged: ReadonlyMap<string, string> = new Map(),
): { readonly nights: JudgedNight[]; readonly segments: NightSegment[] } {
  const judge = new NightJudge(rules);
  const nights = points.map((point) => judge.judge(point, acknowledged.get(point.runId)));
  return { nights, segments: judge.segments() };
}

type Verdict = Pick<JudgedNight, "verdict" | "why">;

class NightJudge {
  readonly #rules: NightRules;
  readonly #sign: 1 | -1;
  /** Nights that make up the level, in the direction in which higher is better. */
  #counted: LevelNight[] = [];
  /** Nights before the last acknowledgement: they say how far nights lie apart, not where the level is. */
  #before: LevelNight[] = [];
  /** The night before, if it was suspect and nothing has confirmed it. */
  #open: LevelNight | undefined;
  #isRegressed = false;
  #previous: NightPoint | undefined;
  /** Whether two nights gave the same numbers: then the numbers of a code are as lucky as its seeds are. */
  #isDeterministic = false;
  /** The seeds' values of nights that didn't only repeat the night before. */
  readonly #seedGroups: (readonly number[])[] = [];

  constructor(rules: NightRules) {
    this.#rules = rules;
    this.#sign = rules.better === "higher" ? 1 : -1;
  }

  judge(point: NightPoint, reason: string | undefined): JudgedNight {
    if (point.missing.length > 0 || point.seeds.length === 0)
      return { ...point, verdict: "incomplete", why: point.missing[0] ?? "no seed is finished" };
    this.#lookForRepetition(point);
    const figure = mean(point.seeds.map(({ value }) => value));
    const night = { date: point.date, value: this.#sign * figure };
    if (reason !== undefined) return { ...point, mean: figure, ...this.#acknowledge(night, reason) };
    const levels = this.#levels();
    if (levels === undefined) {
      this.#count(night);
      const needed = this.#rules.minimumNights;
      const why = `${this.#counted.length} of ${needed} nights that are needed before one is judged`;
      return { ...point, mean: figure, verdict: "no-baseline", why };
    }
    const { baseline, margin } = this.#expect(levels);
    const limit = this.#sign * (this.#sign * baseline.mean - margin);
    const verdict = this.#verdictOf(point, night, { baseline, margin });
    return { ...point, mean: figure, baseline, limit, ...this.#withDrift(verdict) };
  }

  /** The levels of all nights that count, as far as they are known. */
  segments(): NightSegment[] {
    if (this.#counted.length < 2) return [];
    const { segments } = findLevels(this.#counted, this.#smallestSd);
    return segments.map((segment) => ({
      from: segment[0]?.date ?? "",
      to: segment.at(-1)?.date ?? "",
      nights: segment.length,
      mean: this.#sign * levelOf(segment),
    }));
  }

  get #smallestSd(): number {
    return smallestSdPart * this.#rules.minimumEffect;
  }

  #acknowledge(night: LevelNight, reason: string): Verdict & { readonly acknowledged: string } {
    const current = this.#levels()?.segments.at(-1) ?? [];
    // Shifted to the new level: how far these nights lie apart is still true.
    const shift = current.length === 0 ? 0 : night.value - levelOf(current);
    this.#before = [...this.#before, ...this.#counted].map(({ date, value }) => ({ date, value: value + shift }));
    this.#counted = [night];
    this.#open = undefined;
    this.#isRegressed = false;
    return { verdict: "ok", why: `acknowledged: ${reason}`, acknowledged: reason };
  }

  /** Undefined while there are too few nights to judge by. */
  #levels(): NightLevels | undefined {
    const { minimumNights } = this.#rules;
    if (this.#counted.length === 0 || this.#counted.length + this.#before.length < minimumNights) return undefined;
    const spread = findLevels([...this.#before, ...this.#counted], this.#smallestSd);
    if (this.#before.length === 0) return spread;
    const own = this.#counted.length < 2 ? [this.#counted] : findLevels(this.#counted, this.#smallestSd).segments;
    return { ...spread, segments: own };
  }

  #expect({ segments, sd, degreesOfFreedom }: NightLevels): { readonly baseline: Baseline; readonly margin: number } {
    const current = segments.at(-1) ?? [];
    const count = current.length;
    const baseline = { mean: this.#sign * levelOf(current), sd, nights: count, since: current[0]?.date ?? "" };
    const spread = predictionMargin({ sd, degreesOfFreedom, count }, this.#rules.level);
    return { baseline, margin: Math.max(this.#rules.minimumEffect, spread) };
  }

  #verdictOf(
    point: NightPoint,
    night: LevelNight,
    { baseline, margin }: { readonly baseline: Baseline; readonly margin: number },
  ): Verdict {
    const expected = this.#sign * baseline.mean;
    if (night.value >= expected - margin) {
      this.#settle(night);
      return night.value > expected + margin
        ? { verdict: "improved", why: "better than the nights before it allow" }
        : { verdict: "ok", why: "within what the nights before it allow" };
    }
    const confirmation =
      point.confirmation === undefined
        ? undefined
        : judgeConfirmation(point, point.confirmation, {
            ...this.#rules,
            baseline,
            margin,
            spread: this.#seedSpread(),
          });
    if (confirmation !== undefined) return this.#confirmed(point, night, confirmation);
    if (this.#isRegressed || this.#open !== undefined) {
      const why = this.#isRegressed ? "still as bad as the nights before it" : "as bad as the night before it";
      this.#open = undefined;
      this.#isRegressed = true;
      return { verdict: "regressed", why };
    }
    this.#open = night;
    return { verdict: "suspect", why: "worse than the nights before it allow; not yet confirmed" };
  }

  #confirmed(point: NightPoint, night: LevelNight, { isConfirmed, why, mean: again }: ConfirmationVerdict): Verdict {
    if (isConfirmed) {
      this.#isRegressed = true;
      this.#open = undefined;
      return { verdict: "regressed", why };
    }
    const isSameSeeds = point.confirmation?.seeds.every(({ seed }) => point.seeds.some((own) => own.seed === seed));
    // Other seeds have a level of their own; the same ones make the night's figure better known.
    this.#settle(isSameSeeds ? { ...night, value: (night.value + this.#sign * again) / 2 } : night);
    return { verdict: "ok", why };
  }

  /** The night counts, and so does the one before it that nothing has confirmed: leaving it out would flatter. */
  #settle(night: LevelNight): void {
    if (this.#open !== undefined) this.#count(this.#open);
    this.#open = undefined;
    this.#isRegressed = false;
    this.#count(night);
  }

  #count(night: LevelNight): void {
    this.#counted = [...this.#counted, night];
  }

  #lookForRepetition(point: NightPoint): void {
    if (this.#previous !== undefined && isRepetition(point, this.#previous)) this.#isDeterministic = true;
    else this.#seedGroups.push(point.seeds.map(({ value }) => value));
    this.#previous = point;
  }

  /** Undefined with a single seed. */
  #seedSpread(): SeedSpread | undefined {
    const groups = this.#seedGroups.slice(-seedWindow).filter(({ length }) => length > 1);
    if (groups.length === 0) return undefined;
    const degreesOfFreedom = groups.reduce((sum, group) => sum + group.length - 1, 0);
    return { sd: Math.sqrt(pooledVariance(groups)), degreesOfFreedom };
  }

  /** Variance of a night's mean that comes of its seeds' luck alone. */
  #luck(): number {
    const spread = this.#isDeterministic ? this.#seedSpread() : undefined;
    return spread === undefined ? 0 : spread.sd ** 2 / (this.#previous?.seeds.length ?? 1);
  }

  /** A level that has come down over many nights is a regression, though no night was one by itself. */
  #withDrift(verdict: Verdict): Verdict {
    if (verdict.verdict === "regressed" || verdict.verdict === "suspect") return verdict;
    const levels = this.#levels();
    const { minimumEffect } = this.#rules;
    const drift = levels && findDrift(levels, { minimumEffect, luck: this.#luck() });
    return drift === undefined ? verdict : { verdict: "regressed", why: describeDrift(drift, this.#sign) };
  }
}

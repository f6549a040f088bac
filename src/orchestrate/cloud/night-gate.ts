import type { Plan } from "../../plan/plan.ts";
import type { RunRecords } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";

/** A night of a benchmark that is to be judged. */
export interface Night {
  readonly records: RunRecords;
  /** The run that this one confirms; absent = none. */
  readonly confirms?: string;
}

/** What a suspicion asks for before there is an alarm. */
export interface Confirmation {
  readonly configurationIds: readonly string[];
  /** Other seeds: the same ones would come out the same. */
  readonly seeds: readonly number[];
}

/** What became of a night. */
export interface NightJudgement {
  readonly verdict: "none" | "passed" | "suspect" | "regressed" | "recovered";
  /** What people are told: figures, limits, why. */
  readonly lines: readonly string[];
  /** Of a suspicion: what is to be run before there is an alarm. */
  readonly confirmation?: Confirmation;
  /** The newest run that passed before this one. */
  readonly lastGoodRunId?: string;
}

/** A night without figures. */
export interface Gap {
  readonly experiment: string;
  readonly runId: string;
  /** Why it ended without them. */
  readonly reason: string;
}

/** Judges the nights of a benchmark against those before. */
export interface NightGate {
  /** Writes a night into the history, and judges it. Asked again, it gives the same answer. */
  judge(store: Store, night: Night): Promise<NightJudgement>;
  /** Writes into the history why a night has no figures: it counts as missing, never as zero. */
  recordGap(store: Store, gap: Gap): Promise<void>;
  /** The plan of the re-run that a suspicion asks for. */
  confirmingPlan(plan: Plan, confirmation: Confirmation): Plan;
}

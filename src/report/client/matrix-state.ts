import { choiceState, textState } from "./view-state.ts";

/** What a matrix is of: the beginning of a configuration's id, or of a trial's after `trial.`; empty = the best. */
export const matrixSubject = textState("matrix");

/** The two of a difference, named alike; empty = the best and the second, or two seeds of the only one. */
export const duelA = textState("a");
export const duelB = textState("b");

/** What the numbers of a confusion matrix are. */
export const matrixUnit = choiceState("unit", ["counts", "shares"], "counts");

/** The chosen cell of the matrix and of the difference: `3.5` = true class 3 predicted as class 5. */
export const matrixCell = textState("cell");
export const duelCell = textState("dcell");

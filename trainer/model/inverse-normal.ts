/** The standard normal quantile, which sweeps draw with as well. */
export { inverseNormal } from "../../src/spec/sweep/inverse-normal.ts";

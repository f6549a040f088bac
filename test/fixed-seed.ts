// Property tests draw the same cases in every run, so that a change that breaks none passes. Others: FAST_CHECK_SEED=<n>.
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 20_261_130) });

#!/usr/bin/env node
// What a container of AWS Batch runs: the trainer, or several of them side by side on the job's device.
const isShared = Number(process.env["NIGHTSWEEP_TRIALS_PER_GPU"] ?? 1) > 1;
await import(isShared ? "../dist/src/cli/job.js" : "../dist/trainer/main.js");

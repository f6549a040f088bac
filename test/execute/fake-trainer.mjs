// Speaks the trainer's protocol over the IPC channel without training anything. What it does with each trial stands
// in the environment: FAKE_BEHAVIOURS is a JSON list by trial index, FAKE_START how the process begins.
// Plain JavaScript, because a process that needs no compiler starts ten times faster.

import { writeFileSync } from "node:fs";

const behaviours = JSON.parse(process.env.FAKE_BEHAVIOURS ?? "[]");
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const stdout = (text) => process.stdout.write(text);
const stderr = (text) => process.stderr.write(text);
const killItself = () => process.kill(process.pid, "SIGKILL");
const leaked = [];
const marker = ({ trialIndex, attempt }) => `\u001enightsweep end of trial ${trialIndex} attempt ${attempt}\u001e\n`;

let stopTraining = () => process.exit(75);

process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  if (message.type === "stop") {
    if (process.env.FAKE_STOP !== "ignored") stopTraining();
  } else if (message.type === "run") void run(message);
  else answer(message);
});

stderr(process.env.FAKE_GREETING ?? "");
const start = process.env.FAKE_START ?? "ready";
if (start.startsWith("exit ")) process.exit(Number(start.slice("exit ".length)));
if (start === "ready") process.send({ type: "ready", notice: process.env.FAKE_NOTICE });

async function run({ trialIndex, attempt }) {
  const behaviour = behaviours[trialIndex];
  const id = { trialIndex, attempt };
  const end = (message) => {
    process.send({ ...message, ...id });
    if (behaviour.killAt === "beforeMarkers") killItself();
    stdout(marker(id));
    if (behaviour.killAt === "betweenMarkers") killItself();
    if (behaviour.do !== "noStderrMarker") stderr(marker(id));
  };
  const progress = (loss) =>
    process.send({ type: "progress", trialIndex, progress: { epoch: 1, epochCount: 1, step: 1, stepCount: 2, loss } });
  switch (behaviour.do) {
    case "finish":
    case "noStderrMarker":
      progress(0.5);
      for (const text of behaviour.prints ?? []) stdout(text);
      stdout("x".repeat(behaviour.printsCharacters ?? 0));
      return end({ type: "finished" });
    case "take":
      await sleep(behaviour.milliseconds);
      return end({ type: "finished" });
    case "fail":
      return end({ type: "failed", failure: { kind: behaviour.kind, reason: behaviour.reason } });
    case "crash":
      stderr("TypeError: x is not a function\n");
      return process.exit(behaviour.code ?? 70);
    case "killItself":
      stdout("working\n");
      return killItself();
    case "killItselfHolding":
      return process.send({ type: "memory", ...behaviour.memory }, killItself);
    case "hold":
      return process.send({ type: "memory", ...behaviour.memory });
    case "leak":
      leaked.push(Buffer.alloc(behaviour.mebibytes * 2 ** 20, 1));
      stdout(`process ${process.pid}\n`);
      process.send({ type: "memory", rssBytes: process.memoryUsage.rss(), availableBytes: 1, totalBytes: 1 });
      return end({ type: "finished" });
    case "fillHeap":
      for (;;) leaked.push(Array.from({ length: 10_000 }, Math.random));
    case "train":
      stopTraining = () => {
        end({ type: "checkpointed" });
        process.exit(75);
      };
      return progress(0.5);
    case "checkpointWithoutWord":
      return process.exit(75);
    case "diverge":
      progress(Number.NaN);
      return end({ type: "finished" });
    case "talkNonsense":
      return process.send({ type: "hello" });
    case "endAnother":
      return process.send({ type: "finished", trialIndex: trialIndex + 1, attempt });
    case "flood":
      for (let line = 0; line < behaviour.lines; line++) {
        stdout(`${"o".repeat(99)}\n`);
        progress(line);
      }
      // Written when all that went before has left the process.
      await new Promise((resolve) => process.stdout.write("", resolve));
      writeFileSync(behaviour.writesWhenDone, "");
      return end({ type: "finished" });
    case "chaos":
      return runInChaos(id, behaviour, end);
    default:
      throw new Error(`unknown behaviour ${JSON.stringify(behaviour)}`);
  }
}

// Prints its name on both streams; dies in the attempts and at the places that it was told to.
async function runInChaos({ trialIndex, attempt }, { dies, milliseconds }, end) {
  const place = dies[attempt - 1];
  if (place === "atOnce") killItself();
  stdout(`out of ${trialIndex} ${attempt}\n`);
  await sleep(milliseconds);
  if (place === "midway") killItself();
  stderr(`err of ${trialIndex} ${attempt}`);
  if (place === "crash") process.exit(1);
  behaviours[trialIndex].killAt = place;
  end({ type: "finished" });
}

function answer(question) {
  if (question.trialKey === "die") process.exit(70);
  if (question.trialKey === "refuse")
    process.send({ type: "refused", failure: { kind: "user", reason: "there is no saved model" } });
  else
    process.send({
      type: "predicted",
      predictions: question.examples.map((example) => ({ example, label: 1, predicted: 1, probabilities: [0, 1] })),
    });
}

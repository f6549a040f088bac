// Trains all cases of the contract on one engine, from states to states in files: engines can't share a process, and what
// goes on must do so in another one. Started by cases.full.test.ts.
import { readFileSync, writeFileSync } from "node:fs";
import type { ModelState } from "../../../../trainer/engine/engine.ts";
import { createTensorflowEngine } from "../../../../trainer/engine/tensorflow/tensorflow-engine.ts";
import { createWasmEngine } from "../../../../trainer/engine/wasm-engine.ts";
import { caseBatch, layerCases, lossCases, ruleCases } from "../../../contracts/training-cases.ts";
import { nativeFiles } from "./native-addon.ts";

/** A state as JSON keeps it: every float32 is a double of the same value. */
type States = Readonly<
  Record<string, { [Part in keyof ModelState]: { name: string; shape: number[]; values: number[] }[] }>
>;

const [engineName, from, to, input, output] = process.argv.slice(2);
const engine = engineName === "wasm" ? await createWasmEngine() : await createTensorflowEngine({ files: nativeFiles });
const given: States = input === undefined || input === "" ? {} : JSON.parse(readFileSync(input, "utf8"));
const all = [...ruleCases, ...lossCases, ...layerCases].map((each) => {
  const built = engine.buildModel({ ...each.request, seed: 3 });
  const start = given[each.name];
  if (start !== undefined) {
    const typed = (tensors: typeof start.weights) =>
      tensors.map((tensor) => ({ ...tensor, values: Float32Array.from(tensor.values) }));
    built.writeState({ weights: typed(start.weights), optimizer: typed(start.optimizer) });
  }
  for (let step = Number(from); step < Number(to); step++) {
    built.trainStep(caseBatch(each, step % 3 === 2 ? 2 : 4, step), { step, learningRate: 0.02 });
  }
  const plain = ({ weights, optimizer }: ModelState) => ({
    weights: weights.map((tensor) => ({ ...tensor, values: [...tensor.values] })),
    optimizer: optimizer.map((tensor) => ({ ...tensor, values: [...tensor.values] })),
  });
  const state = plain(built.readState());
  built.dispose();
  return [each.name, state] as const;
});
writeFileSync(output ?? "", JSON.stringify(Object.fromEntries(all)));

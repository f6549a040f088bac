import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layerCases, lossCases, ruleCases } from "../../../contracts/training-cases.ts";
import { describeNative } from "./native-addon.ts";

interface Tensor {
  readonly name: string;
  readonly values: readonly number[];
}
type States = Readonly<Record<string, { readonly weights: readonly Tensor[]; readonly optimizer: readonly Tensor[] }>>;

const names = [...ruleCases, ...lossCases, ...layerCases].map(({ name }) => name);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-cases-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Trains every case in a process of its own. @returns file with the states */
function train(engine: string, { from = 0, to, input = "" }: { from?: number; to: number; input?: string }): string {
  const entry = fileURLToPath(new URL("case-process.ts", import.meta.url));
  const output = path.join(folder, `${engine}-${from}-${to}.json`);
  const parameters = ["--import", "tsx", entry, engine, String(from), String(to), input, output];
  execFileSync(process.execPath, parameters, { stdio: ["ignore", "ignore", "inherit"] });
  return output;
}

const read = (file: string): States => JSON.parse(readFileSync(file, "utf8"));

/** ‖a − b‖ / ‖b‖ */
function distance(one: readonly number[], other: readonly number[]): number {
  // NaN if a value is missing.
  const difference = Math.hypot(...other.map((value, index) => (one[index] ?? NaN) - value));
  return difference / Math.max(Math.hypot(...other), 1e-3);
}

/** 75 models are compiled by each process. */
const timeoutMilliseconds = 300_000;

test(
  "all trainings of the contract go on in another process exactly where they were, on the embedded engine",
  () => {
    const whole = read(train("wasm", { to: 6 }));

    const resumed = read(train("wasm", { from: 3, to: 6, input: train("wasm", { to: 3 }) }));

    expect(Object.keys(resumed)).toEqual(names);
    expect(resumed).toEqual(whole);
  },
  timeoutMilliseconds,
);

describeNative("all trainings of the contract", () => {
  let whole: States = {};
  beforeAll(() => {
    whole = read(train("tensorflow", { to: 6 }));
  }, timeoutMilliseconds);

  test(
    "go on in another process exactly where they were",
    () => {
      const input = train("tensorflow", { to: 3 });

      const resumed = read(train("tensorflow", { from: 3, to: 6, input }));

      expect(resumed).toEqual(whole);
    },
    timeoutMilliseconds,
  );

  test(
    "come to the same weights and slots on both engines, but for rounding",
    () => {
      const wasm = read(train("wasm", { to: 6 }));

      expect(Object.keys(wasm)).toEqual(names);
      const far = names.flatMap((name) =>
        [...(wasm[name]?.weights ?? []), ...(wasm[name]?.optimizer ?? [])].flatMap((tensor) => {
          const all = [...(whole[name]?.weights ?? []), ...(whole[name]?.optimizer ?? [])];
          const apart = distance(all.find((each) => each.name === tensor.name)?.values ?? [], tensor.values);
          return apart < 1e-4 ? [] : [`${name}: ${tensor.name} ${apart}`];
        }),
      );
      expect(far).toEqual([]);
    },
    timeoutMilliseconds,
  );
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadExperiment } from "../../src/spec/load-experiment.ts";
import { writeExperiment } from "./written-experiment.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "nightsweep-spec-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function loadBytes(bytes: string | Uint8Array) {
  const file = path.join(folder, "cnn.yaml");
  await writeFile(file, bytes);
  return await loadExperiment(file);
}

test("an experiment is read from its file, with or without a byte-order mark", async () => {
  for (const mark of ["", "\uFEFF"]) {
    const loaded = await loadBytes(mark + writeExperiment({}));

    expect("experiment" in loaded && loaded.experiment.file).toBe(path.join(folder, "cnn.yaml"));
  }
});

test.each([
  ["bytes that are not UTF-8", Uint8Array.of(0x6e, 0xff, 0x3a), "not-utf8"],
  ["more than 1 MiB", "#".repeat(1024 * 1024 + 1), "file-too-large"],
])("%s are refused", async (_, bytes, code) => {
  const loaded = await loadBytes(bytes);

  expect("issues" in loaded && loaded.issues).toMatchObject([{ code, position: { line: 1, column: 1 } }]);
});

test("a file that is not there, or is a folder, is an issue with the path as it was given", async () => {
  const missing = path.join(folder, "nothing.yaml");

  expect(await loadExperiment(missing)).toMatchObject({
    issues: [{ code: "missing-file", message: "there is no such file", position: { file: missing } }],
  });
  expect(await loadExperiment(folder)).toMatchObject({ issues: [{ code: "not-a-file", position: { file: folder } }] });
});

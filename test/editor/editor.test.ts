import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { experimentJsonSchema } from "../../src/spec/json-schema.ts";
import { renderStarter } from "../../src/spec/starter.ts";
import { openEditor, type Editor, type EditorPosition } from "./yaml-language-server.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-editor-"));
const schemaPath = ".nightsweep/experiment.schema.json";
let editor: Editor;

beforeAll(async () => {
  mkdirSync(path.join(folder, path.dirname(schemaPath)));
  writeFileSync(path.join(folder, schemaPath), JSON.stringify(experimentJsonSchema()));
  editor = await openEditor(folder);
});

afterAll(async () => {
  await editor.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A text with the modeline, and the place of ▶ in it. */
function withModeline(marked: string): { readonly text: string; readonly position: EditorPosition } {
  const text = `# yaml-language-server: $schema=${schemaPath}\n${marked}`;
  const lines = text.slice(0, Math.max(0, text.indexOf("▶"))).split("\n");
  return {
    text: text.replace("▶", ""),
    position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 },
  };
}

const upToLayers = "name: cnn\ndata: { dataset: mnist }\ntraining: { epochs: 1 }\nmodel:\n  layers:\n";
const upToTraining = "name: cnn\ndata: { dataset: mnist }\nmodel: { layers: [flatten] }\ntraining:\n  epochs: 1\n";

async function completions(marked: string): Promise<readonly string[]> {
  const { text, position } = withModeline(marked);
  return (await editor.complete(text, position)).map(({ label }) => label);
}

/** What is underlined, from which line (0 = the modeline) on, and why. */
async function diagnostics(text: string): Promise<readonly string[]> {
  const found = await editor.diagnose(withModeline(text).text);
  return found.map(({ range: { start }, message }) => `${start.line}:${start.character} ${message}`);
}

describe("while somebody types, the editor offers", () => {
  test("the fields of the optimizer that holds where none is named", async () => {
    expect(await completions(`${upToTraining}  optimizer:\n    ▶`)).toEqual(
      expect.arrayContaining(["type", "learningRate", "beta1", "epsilon"]),
    );
  });

  test("the fields of the optimizer that is named, not those of others", async () => {
    const labels = await completions(`${upToTraining}  optimizer:\n    type: sgd\n    ▶`);

    expect(labels).toEqual(expect.arrayContaining(["learningRate", "momentum", "nesterov"]));
    expect(labels).not.toContain("beta1");
  });

  test("the optimizers by name", async () => {
    expect(await completions(`${upToTraining}  optimizer:\n    type: ▶`)).toEqual(
      expect.arrayContaining(["sgd", "adam"]),
    );
  });

  test("every layer where a layer starts", async () => {
    expect(await completions(`${upToLayers}    - ▶`)).toEqual(
      expect.arrayContaining(["conv2d", "maxPooling2d", "dense", "flatten", "dropout", "repeat"]),
    );
  });

  test("the parameters of a layer", async () => {
    expect(await completions(`${upToLayers}    - conv2d:\n        ▶`)).toEqual(
      expect.arrayContaining(["filters", "kernelSize", "padding", "kernelInitializer"]),
    );
  });

  test("what a field may be", async () => {
    expect(await completions(`${upToLayers}    - conv2d:\n        padding: ▶`)).toEqual(["valid", "same"]);
  });

  test("the sections of an empty file", async () => {
    expect(await completions("▶")).toEqual(expect.arrayContaining(["name", "data", "model", "training", "sweep"]));
  });
});

describe("where the mouse rests, the editor tells", () => {
  const hover = (marked: string): Promise<string> => {
    const { text, position } = withModeline(marked);
    return editor.hover(text, position);
  };

  test("what filters are, with an example", async () => {
    const shown = await hover(`${upToLayers}    - conv2d: { fil▶ters: 16, kernelSize: 3 }\n`);

    expect(shown).toContain("Number of output channels.");
    expect(shown).toContain("Example:");
  });

  test("the default of the optimizer that is named", async () => {
    const shown = await hover(`${upToTraining}  optimizer:\n    type: sgd\n    learning▶Rate: 0.1\n`);

    expect(shown).toContain("Default: 0.01.");
  });
});

describe("the editor underlines", () => {
  test("a key that is unknown in its layer, and what the layer lacks", async () => {
    expect(await diagnostics(`${upToLayers}    - conv2d: { fitlers: 16, kernelSize: 3 }\n`)).toEqual([
      '6:6 Missing property "filters".',
      "6:16 Property fitlers is not allowed.",
    ]);
  });

  test("a key that another optimizer has", async () => {
    expect(await diagnostics(`${upToTraining}  optimizer: { type: sgd, beta1: 0.9 }\n`)).toEqual([
      "6:26 Property beta1 is not allowed.",
    ]);
  });

  test("a layer that is unknown, and nothing else", async () => {
    expect(await diagnostics(`${upToLayers}    - dens: { units: 10 }\n`)).toEqual([
      "6:6 Property dens is not allowed.",
    ]);
  });

  test("a value of the wrong type", async () => {
    expect(await diagnostics(upToTraining.replace("epochs: 1", "epochs: five"))).toEqual([
      '5:10 Incorrect type. Expected "integer".',
    ]);
  });

  test("a value that is out of range", async () => {
    expect(await diagnostics(`${upToTraining}  optimizer: { learningRate: -1 }\n`)).toEqual([
      "6:29 Value is below the exclusive minimum of 0.",
    ]);
  });

  test("the sections that are missing", async () => {
    expect(await diagnostics("name: cnn\ntraining: { epochs: 1 }\n")).toEqual([
      '1:0 Missing property "data".',
      '1:0 Missing property "model".',
    ]);
  });
});

describe("the editor underlines nothing in", () => {
  const shipped = readdirSync(path.join(root, "experiments"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => path.join("experiments", name));

  test.each([...shipped, "test/fixtures/spec/everything.yaml"])("%s", async (file) => {
    expect(await diagnostics(readFileSync(path.join(root, file), "utf8"))).toEqual([]);
  });

  test("the starter, which names the schema itself", async () => {
    const text = renderStarter("cnn", schemaPath);

    expect(await editor.diagnose(text)).toEqual([]);
    expect(await editor.diagnose(text.replace("filters: 16", "filters: x"))).toHaveLength(1);
  });

  test("a file that leaves a required field to the sweep", async () => {
    const text =
      "name: cnn\ntraining: { epochs: 1 }\nmodel: { layers: [flatten] }\nsweep: { grid: { data.dataset: [mnist] } }\n";

    expect(await diagnostics(text)).toEqual([]);
  });

  test("notes and places for anchors, under keys that start with x-", async () => {
    expect(await diagnostics(`x-note: why\n${upToTraining}  x-tried: 0.1\nsweep: { grid: { x-why: 1 } }\n`)).toEqual(
      [],
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dataTypes, type DataType, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { NativeBinding, NativeValues } from "./native-backend.ts";

/** A value that is given for a run. */
export interface Feed {
  readonly node: NodeReference;
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly values: NativeValues;
}

/** A graph that TensorFlow has loaded, with variables of its own. */
export class GraphSession {
  private readonly id: number;

  constructor(
    private readonly binding: NativeBinding,
    graph: GraphBuilder,
  ) {
    // The bridge loads from files only.
    const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-graph-"));
    try {
      writeFileSync(path.join(folder, "saved_model.pb"), graph.encodeSavedModel());
      this.id = binding.loadSavedModel(`${folder}/`, "serve");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Runs the part of the graph that the outputs need. @returns the values of the outputs, copied */
  run(feeds: readonly Feed[], outputs: readonly NodeReference[]): NativeValues[] {
    const { binding } = this;
    const ids: number[] = [];
    try {
      for (const { type, shape, values } of feeds) {
        ids.push(binding.createTensor([...shape], dataTypes[type], values));
      }
      const inputNames = feeds.map(({ node }) => outputName(node)).join(",");
      const results = binding.runSavedModel(this.id, ids, inputNames, outputs.map(outputName).join(","));
      ids.push(...results.map(({ id }) => id));
      return results.map(({ id }) => binding.tensorDataSync(id));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id);
  }
}

function outputName(node: NodeReference): string {
  return node.includes(":") ? node : `${node}:0`;
}

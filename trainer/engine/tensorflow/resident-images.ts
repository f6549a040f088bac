import type { Batch, SeriesPlan } from "../engine.ts";
import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { GraphSession } from "./graph-session.ts";
import { assign } from "./graph-variables.ts";

/** All training images as one variable of a graph, as they go into the network; batches are picked out of it by row. */
export class ResidentImages {
  private readonly resource: NodeReference;
  private readonly emptied: NodeReference;
  private readonly rows: NodeReference;
  private readonly values: NodeReference;
  private readonly written: NodeReference;

  /** @param imageShape of one */
  constructor(
    private readonly graph: GraphBuilder,
    private readonly plan: SeriesPlan,
    private readonly imageShape: readonly number[],
  ) {
    const { imageCount, batchSize } = plan;
    const shape = [imageCount, ...imageShape];
    const attributes = {
      dtype: attribute.type("float32"),
      shape: attribute.shape(shape),
      shared_name: attribute.text("images"),
      container: attribute.text(""),
    };
    this.resource = graph.add({ operation: "VarHandleOp", attributes, name: "images" });
    const zeros = graph.add({
      operation: "Fill",
      inputs: [graph.constant("int32", [shape.length], Int32Array.from(shape)), graph.scalar(0)],
      attributes: { T: attribute.type("float32"), index_type: attribute.type("int32") },
    });
    this.emptied = graph.identity(graph.scalar(0), { after: [assign(graph, this.resource, zeros)], name: "emptied" });
    this.rows = graph.placeholder("rows", "int32", [batchSize]);
    this.values = graph.placeholder("values", "float32", [batchSize, ...imageShape]);
    const written = graph.add({
      operation: "ResourceScatterUpdate",
      inputs: [this.resource, this.rows, this.values],
      attributes: rowTypes,
    });
    this.written = graph.identity(graph.scalar(0), { after: [written], name: "written" });
  }

  /** Adds the images of some rows. @param after what must have happened before */
  gather(rows: NodeReference, after: readonly NodeReference[]): NodeReference {
    const inputs = [this.resource, rows, ...after.map((node) => `^${node}`)];
    return this.graph.add({ operation: "ResourceGather", inputs, attributes: rowTypes });
  }

  /** Makes room, in a session of the graph. */
  empty(session: GraphSession): void {
    session.run([], [this.emptied]);
  }

  /** Writes images from a row on, at most as many as a step has examples. */
  put(session: GraphSession, start: number, { images, size }: Batch): void {
    const { batchSize } = this.plan;
    const length = this.imageShape.reduce((product, dimension) => product * dimension, 1);
    const values = new Float32Array(batchSize * length);
    // A smaller batch is filled up with its last image, which is written to its row again.
    for (let place = 0; place < batchSize; place++) {
      const source = Math.min(place, size - 1) * length;
      values.set(images.subarray(source, source + length), place * length);
    }
    const rows = Int32Array.from({ length: batchSize }, (_, place) => start + Math.min(place, size - 1));
    session.run(
      [
        { node: this.rows, type: "int32", shape: [batchSize], values: rows },
        { node: this.values, type: "float32", shape: [batchSize, ...this.imageShape], values },
      ],
      [this.written],
    );
  }
}

const rowTypes = { dtype: attribute.type("float32"), Tindices: attribute.type("int32") };

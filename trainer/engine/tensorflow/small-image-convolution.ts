import { attribute, type GraphBuilder, type NodeReference } from "./graph-def.ts";
import type { RecordedOperation } from "./rewrite-operation.ts";

/** Multiplications that must be saved for what slicing and padding cost. */
const leastSaved = 2 ** 24;

type Shape = readonly [number, number, number, number];

/** A convolution of stride 1. */
interface Geometry {
  /** [examples, height, width, channels] */
  readonly images: Shape;
  /** [height, width, channels, filters] */
  readonly kernel: Shape;
  readonly outputs: Shape;
  /** Rows above and columns left of the images. */
  readonly margin: readonly [number, number];
}

/** A kernel's point, and the parts of images and outputs that it joins. */
interface Tap {
  readonly index: number;
  /** [y, x] */
  readonly imageStart: readonly [number, number];
  readonly outputStart: readonly [number, number];
  /** [height, width]; with a 0 if it joins nothing */
  readonly size: readonly [number, number];
}

const float = { T: attribute.type("float32") };

/**
 * Adds a convolution, or its gradient by images or kernel, of images so small that half of the kernel's points lie in the margin
 * most of the time: a product of matrices for each point and what it really joins. oneDNN multiplies the margin, too.
 * @returns undefined if it is not such a convolution
 */
export function addSmallImageConvolution(graph: GraphBuilder, operation: RecordedOperation): NodeReference | undefined {
  const geometry = geometryOf(operation);
  if (geometry === undefined) return undefined;
  const taps = tapsOf(geometry);
  if (!pays(geometry, taps)) return undefined;
  const parts = new ConvolutionParts(graph, geometry);
  const [first = "", second = "", third = ""] = operation.inputs;
  if (operation.operation === "Conv2D") return parts.addForward(taps, first, second);
  if (operation.operation === "Conv2DBackpropInput") return parts.addImageGradient(taps, second, third);
  return parts.addKernelGradient(taps, first, third);
}

class ConvolutionParts {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly geometry: Geometry,
  ) {}

  addForward(taps: readonly Tap[], images: NodeReference, kernel: NodeReference): NodeReference {
    const matrices = this.splitKernel(kernel);
    return this.sum(
      taps.map((tap) => {
        const rows = this.rowsOf(images, this.geometry.images, tap.imageStart, tap.size);
        const product = this.multiply(rows, matrices(tap), { transposed: "none" });
        return this.place(product, this.geometry.outputs, tap.outputStart, tap.size);
      }),
    );
  }

  addImageGradient(taps: readonly Tap[], kernel: NodeReference, slopes: NodeReference): NodeReference {
    const matrices = this.splitKernel(kernel);
    return this.sum(
      taps.map((tap) => {
        const rows = this.rowsOf(slopes, this.geometry.outputs, tap.outputStart, tap.size);
        const product = this.multiply(rows, matrices(tap), { transposed: "second" });
        return this.place(product, this.geometry.images, tap.imageStart, tap.size);
      }),
    );
  }

  addKernelGradient(taps: readonly Tap[], images: NodeReference, slopes: NodeReference): NodeReference {
    const { kernel, outputs } = this.geometry;
    const [height, width, channels, filters] = kernel;
    const byIndex = new Map(taps.map((tap) => [tap.index, tap]));
    const matrices = Array.from({ length: height * width }, (_, index) => {
      const tap = byIndex.get(index);
      if (tap === undefined) return this.zeros(channels, filters);
      const imageRows = this.rowsOf(images, this.geometry.images, tap.imageStart, tap.size);
      const slopeRows = this.rowsOf(slopes, outputs, tap.outputStart, tap.size);
      return this.multiply(imageRows, slopeRows, { transposed: "first" });
    });
    const attributes = { ...float, N: attribute.integer(matrices.length), axis: attribute.integer(0) };
    return this.reshape(this.graph.add({ operation: "Pack", inputs: matrices, attributes }), kernel);
  }

  /** Gives the matrix [channels, filters] of a tap; TensorFlow copies nothing for it. */
  private splitKernel(kernel: NodeReference): (tap: Tap) => NodeReference {
    const [height, width, channels, filters] = this.geometry.kernel;
    const points = height * width;
    const stacked = this.reshape(kernel, [points, channels, filters]);
    const attributes = { ...float, num: attribute.integer(points), axis: attribute.integer(0) };
    const split = this.graph.add({ operation: "Unpack", inputs: [stacked], attributes });
    return ({ index }) => (index === 0 ? split : `${split}:${index}`);
  }

  /** A part of all images as a matrix with a row for each point. */
  private rowsOf(values: NodeReference, shape: Shape, start: Tap["imageStart"], size: Tap["size"]): NodeReference {
    const [examples, height, width, depth] = shape;
    const isAll = size[0] === height && size[1] === width;
    const inputs = [values, this.integers([0, ...start, 0]), this.integers([examples, ...size, depth])];
    const attributes = { ...float, Index: attribute.type("int32") };
    const part = isAll ? values : this.graph.add({ operation: "Slice", inputs, attributes });
    return this.reshape(part, [examples * size[0] * size[1], depth]);
  }

  /** Rows as a part of images that are 0 elsewhere. */
  private place(rows: NodeReference, shape: Shape, start: Tap["imageStart"], size: Tap["size"]): NodeReference {
    const [examples, height, width, depth] = shape;
    const part = this.reshape(rows, [examples, ...size, depth]);
    if (size[0] === height && size[1] === width) return part;
    const after = [height - start[0] - size[0], width - start[1] - size[1]] as const;
    const margins = Int32Array.of(0, 0, start[0], after[0], start[1], after[1], 0, 0);
    const inputs = [part, this.graph.constant("int32", [4, 2], margins)];
    return this.graph.add({ operation: "Pad", inputs, attributes: { ...float, Tpaddings: attribute.type("int32") } });
  }

  private multiply(
    first: NodeReference,
    second: NodeReference,
    { transposed }: { readonly transposed: "none" | "first" | "second" },
  ): NodeReference {
    const flags = {
      transpose_a: attribute.boolean(transposed === "first"),
      transpose_b: attribute.boolean(transposed === "second"),
    };
    return this.graph.add({ operation: "MatMul", inputs: [first, second], attributes: { ...float, ...flags } });
  }

  private sum(inputs: readonly NodeReference[]): NodeReference {
    const attributes = { ...float, N: attribute.integer(inputs.length) };
    return this.graph.add({ operation: "AddN", inputs, attributes });
  }

  private reshape(values: NodeReference, shape: readonly number[]): NodeReference {
    const attributes = { ...float, Tshape: attribute.type("int32") };
    return this.graph.add({ operation: "Reshape", inputs: [values, this.integers(shape)], attributes });
  }

  private integers(values: readonly number[]): NodeReference {
    return this.graph.constant("int32", [values.length], Int32Array.from(values));
  }

  private zeros(rows: number, columns: number): NodeReference {
    return this.graph.constant("float32", [rows, columns], new Float32Array(rows * columns));
  }
}

function geometryOf({ operation, shapes, constants, settings, outputShape }: RecordedOperation): Geometry | undefined {
  const [first, second, third] = shapes;
  const given = {
    Conv2D: [first, second, outputShape],
    Conv2DBackpropInput: [outputShape, second, third],
    Conv2DBackpropFilter: [first, constants[1] && outputShape, third],
  }[operation];
  if (given === undefined) return undefined;
  const [images, kernel, outputs] = given;
  if (!isShape(images) || !isShape(kernel) || !isShape(outputs)) return undefined;
  const { strides, dilations, padding, data_format: format } = settings;
  if (String(strides) !== "1,1,1,1" || String(dilations) !== "1,1,1,1" || format !== "NHWC") return undefined;
  if (padding !== "SAME" && padding !== "VALID") return undefined;
  const before = (size: number): number => (padding === "SAME" ? Math.floor((size - 1) / 2) : 0);
  return { images, kernel, outputs, margin: [before(kernel[0]), before(kernel[1])] };
}

function isShape(shape: readonly number[] | undefined): shape is Shape {
  return shape?.length === 4;
}

/** The points of the kernel that join anything. */
function tapsOf({ images, kernel, outputs, margin }: Geometry): readonly Tap[] {
  const along = (axis: 0 | 1, place: number) => {
    const shift = place - margin[axis];
    const start = Math.max(0, -shift);
    const end = Math.min(outputs[axis + 1] ?? 0, (images[axis + 1] ?? 0) - shift);
    return { image: start + shift, output: start, size: Math.max(0, end - start) };
  };
  return Array.from({ length: kernel[0] * kernel[1] }, (_, index): Tap => {
    const [y, x] = [along(0, Math.floor(index / kernel[1])), along(1, index % kernel[1])];
    return {
      index,
      imageStart: [y.image, x.image],
      outputStart: [y.output, x.output],
      size: [y.size, x.size],
    };
  }).filter(({ size: [height, width] }) => height * width > 0);
}

function pays({ images, kernel, outputs }: Geometry, taps: readonly Tap[]): boolean {
  const all = outputs[1] * outputs[2] * kernel[0] * kernel[1];
  const used = taps.reduce((sum, { size: [height, width] }) => sum + height * width, 0);
  return used * 2 <= all && (all - used) * images[0] * kernel[2] * kernel[3] >= leastSaved;
}

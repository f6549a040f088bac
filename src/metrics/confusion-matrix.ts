/** How often each true class was predicted as each class: [true class][predicted class], square. */
export type ConfusionMatrix = readonly (readonly number[])[];

const maxClassCount = 1000;

/**
 * Counts how often each true class was predicted as each class.
 * @param labels true class indices, shape [examples], each 0…classCount-1
 * @param predictions predicted class indices, shape [examples], each 0…classCount-1
 * @param classCount number of classes, 2…1000
 * @returns counts, shape [classCount, classCount]; row = true, column = predicted; all 0 without examples
 * @throws RangeError if lengths differ, an index is outside 0…classCount-1 or classCount outside 2…1000
 * @see sklearn.metrics.confusion_matrix with `labels=range(classCount)` (same orientation)
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classCount: number,
): number[][] {
  checkClassCount(classCount);
  if (labels.length !== predictions.length)
    throw new RangeError(`${labels.length} labels and ${predictions.length} predictions: there must be one of each`);
  const counts = new Uint32Array(classCount * classCount);
  for (let example = 0; example < labels.length; example++) {
    const row = checkedClass(labels[example], classCount, "label", example);
    const cell = row * classCount + checkedClass(predictions[example], classCount, "prediction", example);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return Array.from({ length: classCount }, (_, row) => [...counts.subarray(row * classCount, (row + 1) * classCount)]);
}

/**
 * Adds matrices cell by cell, for example those of several seeds.
 * @param matrices one or more matrices, each of shape [classes, classes]
 * @returns the sum, shape [classes, classes]
 * @throws RangeError if there is no matrix, one isn't square or sizes differ
 */
export function sumConfusions(matrices: readonly ConfusionMatrix[]): number[][] {
  const [first, ...others] = matrices;
  if (first === undefined) throw new RangeError("there is no confusion matrix to sum");
  return others.reduce<number[][]>((sum, matrix) => combine(sum, matrix, (a, b) => a + b), copySquare(first));
}

/**
 * Subtracts one matrix from another cell by cell; cells may become negative.
 * @param a shape [classes, classes]
 * @param b shape [classes, classes]
 * @returns a − b, shape [classes, classes]
 * @throws RangeError if a matrix isn't square or sizes differ
 */
export function subtractConfusions(a: ConfusionMatrix, b: ConfusionMatrix): number[][] {
  return combine(copySquare(a), b, (x, y) => x - y);
}

/**
 * How many examples each class has, and how often each was predicted.
 * @param matrix shape [classes, classes], row = true, column = predicted
 * @returns row sums, column sums and diagonal, each of shape [classes]; and the sum of all cells
 * @throws RangeError if the matrix isn't square
 */
export function confusionTotals(matrix: ConfusionMatrix): {
  readonly trueCounts: readonly number[];
  readonly predictedCounts: readonly number[];
  readonly rightCounts: readonly number[];
  readonly exampleCount: number;
} {
  checkSquare(matrix);
  const predictedCounts = Array.from({ length: matrix.length }, () => 0);
  for (const row of matrix)
    for (const [column, count] of row.entries()) predictedCounts[column] = (predictedCounts[column] ?? 0) + count;
  const trueCounts = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  return {
    trueCounts,
    predictedCounts,
    rightCounts: matrix.map((row, index) => row[index] ?? 0),
    exampleCount: trueCounts.reduce((sum, count) => sum + count, 0),
  };
}

function combine(a: number[][], b: ConfusionMatrix, operation: (a: number, b: number) => number): number[][] {
  checkSquare(b);
  if (a.length !== b.length)
    throw new RangeError(`confusion matrices of ${a.length} and of ${b.length} classes can't be combined`);
  return a.map((row, index) => row.map((count, column) => operation(count, b[index]?.[column] ?? 0)));
}

function copySquare(matrix: ConfusionMatrix): number[][] {
  checkSquare(matrix);
  return matrix.map((row) => [...row]);
}

function checkSquare(matrix: ConfusionMatrix): void {
  const odd = matrix.findIndex((row) => row.length !== matrix.length);
  if (odd >= 0)
    throw new RangeError(
      `a confusion matrix is square: row ${odd} has ${matrix[odd]?.length} columns of ${matrix.length}`,
    );
}

function checkClassCount(classCount: number): void {
  if (!Number.isInteger(classCount) || classCount < 2 || classCount > maxClassCount)
    throw new RangeError(`${classCount} classes: expected an integer 2…${maxClassCount}`);
}

function checkedClass(index: number | undefined, classCount: number, what: string, example: number): number {
  if (index === undefined || !Number.isInteger(index) || index < 0 || index >= classCount)
    throw new RangeError(`${what} of example ${example} is ${index}: expected an integer 0…${classCount - 1}`);
  return index;
}

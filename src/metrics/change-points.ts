/**
 * Where the mean of a series changes: cuts it into segments so that squared deviations from the segments' means, plus a
 * price for every cut, become smallest. Exact, by dynamic programming; time grows with the square of the length.
 * @param values shape [n], in order of time
 * @param options.penalty price of a cut, in squared units of the values, ≥ 0
 * @param options.smallestSegment fewest values of a segment, ≥ 1
 * @returns start of each segment, ascending, the first is 0; none without values
 * @see ruptures.Pelt(model="l2", jump=1); Jackson et al. (2005), An algorithm for optimal partitioning of data on an interval
 */
export function changePoints(
  values: ArrayLike<number>,
  { penalty, smallestSegment }: { readonly penalty: number; readonly smallestSegment: number },
): number[] {
  const count = values.length;
  if (count === 0) return [];
  const deviation = squaredDeviations(values);
  const best = new Float64Array(count + 1).fill(Infinity);
  const previous = new Uint32Array(count + 1);
  best[0] = -penalty;
  for (let end = 1; end <= count; end++) {
    // A series shorter than a segment is one segment all the same.
    const latest = end < 2 * smallestSegment ? 0 : end - smallestSegment;
    for (let start = 0; start <= latest; start++) {
      const cost = (best[start] ?? 0) + deviation(start, end) + penalty;
      if (cost < (best[end] ?? 0)) {
        best[end] = cost;
        previous[end] = start;
      }
    }
  }
  const starts: number[] = [];
  for (let end = count; end > 0; end = previous[end] ?? 0) starts.unshift(previous[end] ?? 0);
  return starts;
}

/**
 * Standard deviation of the noise of a series whose mean jumps now and then: from the median of the absolute steps
 * from one value to the next, which a few jumps don't move.
 * @param values shape [n], n ≥ 2
 * @returns ≥ 0; right for independent normal noise
 * @see Rousseeuw and Croux (1993), Alternatives to the median absolute deviation: the factor 1.4826 of the MAD
 */
export function noiseOfSteps(values: readonly number[]): number {
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
  return (1.482602218505602 * median(steps)) / Math.SQRT2;
}

/**
 * Middle value; of an even number, the mean of the two in the middle.
 * @param values shape [n], n ≥ 1
 * @throws RangeError if there is no value
 * @see numpy.median
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the median of no values is undefined");
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted.length >> 1;
  const high = sorted[upper] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? 0) + high) / 2;
}

/** Σ (value − mean)² of any part [start, end), from running sums; around the first value, so that digits aren't lost. */
function squaredDeviations(values: ArrayLike<number>): (start: number, end: number) => number {
  const first = values[0] ?? 0;
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index++) {
    const shifted = (values[index] ?? 0) - first;
    sums[index + 1] = (sums[index] ?? 0) + shifted;
    squares[index + 1] = (squares[index] ?? 0) + shifted ** 2;
  }
  return (start, end) => {
    const sum = (sums[end] ?? 0) - (sums[start] ?? 0);
    return Math.max(0, (squares[end] ?? 0) - (squares[start] ?? 0) - sum ** 2 / (end - start));
  };
}

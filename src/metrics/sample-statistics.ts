/**
 * Arithmetic mean.
 * @param values shape [n], n ≥ 1
 * @throws RangeError if there is no value
 */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError("the mean of no values is undefined");
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum / values.length;
}

/**
 * Sample standard deviation (divisor n − 1), ≥ 0; in two passes, so that a large mean costs no digits.
 * @param values shape [n], n ≥ 2
 * @throws RangeError if there are fewer than two values
 * @see numpy.std with `ddof=1`
 */
export function sampleStandardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) throw new RangeError(`a standard deviation needs two values or more, got ${values.length}`);
  const center = mean(values);
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += ((values[index] ?? 0) - center) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

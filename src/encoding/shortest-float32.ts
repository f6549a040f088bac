/**
 * The shortest decimal that reads back as the same float32.
 * @param value a float32 number: JavaScript itself would write up to 17 digits, those of the float64 nearest to it
 */
export function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return String(decimal);
  }
  return String(Number(value.toPrecision(9)));
}

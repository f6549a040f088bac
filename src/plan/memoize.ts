/** Remembers a function's results by the identity of its argument. */
export function memoize<A extends object, Result>(compute: (a: A) => Result): (a: A) => Result {
  const results = new Map<A, { readonly result: Result }>();
  return (a) => {
    const known = results.get(a);
    if (known) return known.result;
    const result = compute(a);
    results.set(a, { result });
    return result;
  };
}

/** Remembers a function's results by the identity of its two arguments. */
export function memoizePair<A extends object, B extends object, Result>(
  compute: (a: A, b: B) => Result,
): (a: A, b: B) => Result {
  const byFirst = memoize((a: A) => memoize((b: B) => compute(a, b)));
  return (a, b) => byFirst(a)(b);
}

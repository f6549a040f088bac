/** How many examples each class has, shape [classes]. @param labels class indices */
export function countClasses(labels: Iterable<number>, classCount: number): readonly number[] {
  const counts = Array.from({ length: classCount }, () => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

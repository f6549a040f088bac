/**
 * What the language calls a weight that tfjs (like Keras) calls `bn_1/moving_mean`: `bn_1/movingMean`.
 * Layer names stay as they are.
 */
export function fromTfjsName(name: string): string {
  return changeWeight(name, (weight) => weight.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

/** The opposite of `fromTfjsName`. */
export function toTfjsName(name: string): string {
  return changeWeight(name, (weight) => weight.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function changeWeight(name: string, change: (weight: string) => string): string {
  const end = name.lastIndexOf("/") + 1;
  return name.slice(0, end) + change(name.slice(end));
}

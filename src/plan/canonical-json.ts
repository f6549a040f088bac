/**
 * JSON with the keys of every map sorted and undefined ones left out: equal values give equal text.
 * @throws TypeError for what JSON can't hold, numbers that are not finite included
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isMap(value)) return canonicalMap(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`a ${typeof value} has no canonical JSON`);
  return text;
}

function canonicalMap(map: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const key of Object.keys(map).sort()) {
    const value = map[key];
    if (value !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Values by path, as `training.optimizer.learningRate`; each as JSON text. */
export type FlatFields = ReadonlyMap<string, string>;

/** Every leaf of plain JSON by its path; empty maps and lists, and `undefined`, are left out. */
export function flattenFields(value: unknown): FlatFields {
  const fields = new Map<string, string>();
  collect(value, "", fields);
  return fields;
}

function collect(value: unknown, path: string, fields: Map<string, string>): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null) {
    fields.set(path, JSON.stringify(value));
  } else if (Array.isArray(value)) {
    for (const [index, child] of value.entries()) collect(child, `${path}[${index}]`, fields);
  } else {
    for (const [key, child] of Object.entries(value)) collect(child, path === "" ? key : `${path}.${key}`, fields);
  }
}

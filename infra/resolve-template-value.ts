/** What stands for a reference in a template: `Ref` by logical id, `Fn::GetAtt` by `id.attribute`. */
export type Lookup = (reference: string) => string;

/**
 * Resolves CloudFormation's `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub` within a value.
 * @throws RangeError for any other function
 */
export function resolveTemplateValue(value: unknown, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => resolveTemplateValue(each, lookup));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length !== 1 || first === undefined || !isFunction(first[0])) {
    return Object.fromEntries(entries.map(([key, each]) => [key, resolveTemplateValue(each, lookup)]));
  }
  return applyFunction(first[0], first[1], lookup);
}

function isFunction(key: string): boolean {
  return key === "Ref" || key.startsWith("Fn::");
}

function applyFunction(name: string, argument: unknown, lookup: Lookup): unknown {
  if (name === "Ref" && typeof argument === "string") return lookup(argument);
  if (name === "Fn::GetAtt" && Array.isArray(argument)) return lookup(argument.join("."));
  if (name === "Fn::Sub" && typeof argument === "string") {
    return argument.replaceAll(/\$\{([^}]+)\}/g, (_, reference: string) => lookup(reference));
  }
  if (name === "Fn::Join" && Array.isArray(argument)) {
    const [separator, parts]: readonly unknown[] = argument;
    const resolved = resolveTemplateValue(parts, lookup);
    if (typeof separator === "string" && Array.isArray(resolved)) return resolved.join(separator);
  }
  throw new RangeError(`can't resolve ${name} of ${JSON.stringify(argument)}`);
}

import type { Expectation } from "../expectation.ts";
import { isSchema, mapSchema } from "./map-schema.ts";

// An alternative whose key starts with `$` can't be written: it stands for what the language makes of a name that the
// file itself defines, such as a block.

/** A language without the alternatives that can't be written. */
export function removeInternal(language: Expectation): Expectation {
  return replaceInternal(language, () => []);
}

/** A language that allows any name, alone or with arguments, where one may stand that the file itself defines. */
export function openInternal(language: Expectation): Expectation {
  return replaceInternal(language, ({ properties = {} }) => {
    const [use] = Object.values(properties);
    const description = isSchema(use) && use.description !== undefined ? { description: use.description } : {};
    return [
      { type: "string" },
      { type: "object", additionalProperties: description, minProperties: 1, maxProperties: 1 },
    ];
  });
}

function replaceInternal(
  language: Expectation,
  replacementsOf: (internal: Expectation) => readonly Expectation[],
): Expectation {
  const { definitions = {} } = language;
  const all = isSchema(definitions) ? definitions : {};
  const replaced = mapSchema(language, (schema) => {
    const { anyOf } = schema;
    if (anyOf === undefined) return schema;
    const choices = anyOf.flatMap((choice) => {
      const resolved = resolve(choice, all);
      return isInternal(resolved) ? replacementsOf(resolved) : [choice];
    });
    return { ...schema, anyOf: choices };
  });
  if (!isSchema(replaced.definitions)) return replaced;
  const kept = Object.entries(replaced.definitions).filter(([, definition]) => !isInternal(definition));
  return { ...replaced, definitions: Object.fromEntries(kept) };
}

function resolve(schema: Expectation, definitions: Readonly<Record<string, unknown>>): Expectation {
  const found = definitions[schema.$ref?.replace("#/definitions/", "") ?? ""];
  return isSchema(found) ? found : schema;
}

function isInternal(schema: unknown): boolean {
  return isSchema(schema) && Object.keys(schema.properties ?? {}).some((key) => key.startsWith("$"));
}

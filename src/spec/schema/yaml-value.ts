import { z } from "zod";

/** Any YAML value. */
export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

/** Any YAML value; what it means is checked where it is put to use. */
export const yamlValueSchema: z.ZodType<YamlValue> = z.json().meta({ id: "yamlValue" });

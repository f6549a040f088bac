import { readFileSync } from "node:fs";
import path from "node:path";
import { buildApp, type AppOptions } from "./build-app.ts";
import { resolveTemplateValue, type Lookup } from "./resolve-template-value.ts";

/** A synthesised template, as far as it is looked at. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown; readonly Description?: string }>>;
}

/** What synthesising has made. */
export interface Synthesised {
  readonly folder: string;
  readonly stackName: string;
  readonly template: Template;
}

/**
 * Synthesises into a folder, as `npx cdk synth` does: without docker, network or credentials.
 * @throws InvalidExperimentsError
 */
export async function synthTo(outdir: string, options: Omit<AppOptions, "outdir"> = {}): Promise<Synthesised> {
  const assembly = (await buildApp({ ...options, outdir })).synth();
  const [stack] = assembly.stacks;
  if (stack === undefined) throw new Error("the app has no stack");
  const template: Template = JSON.parse(readFileSync(path.join(outdir, stack.templateFile), "utf8"));
  return { folder: outdir, stackName: stack.stackName, template };
}

/**
 * The state machine of a template, its references resolved.
 * @returns Amazon States Language as JSON
 */
export function machineDefinition({ template }: Pick<Synthesised, "template">, lookup: Lookup): unknown {
  const machine = Object.values(template.Resources).find(({ Type }) => Type === "AWS::StepFunctions::StateMachine");
  const text = resolveTemplateValue(machine?.Properties["DefinitionString"], lookup);
  if (typeof text !== "string") throw new Error("the template has no state machine");
  return JSON.parse(text);
}

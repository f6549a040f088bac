import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { synthTo, type Synthesised, type Template } from "../../infra/synth.ts";
import type { AppOptions } from "../../infra/build-app.ts";

const folders: string[] = [];

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-infra-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What a configuration synthesises to. */
export function synthesise(options: Omit<AppOptions, "outdir"> = {}): Promise<Synthesised> {
  return synthTo(temporaryFolder(), options);
}

/** What stands in a template is JSON of any shape: what a test expects of it is the check. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyShape = any;

/** Properties of all resources of a type. */
export function resourcesOf(template: Template, type: string): Record<string, AnyShape>[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties as Record<string, AnyShape>);
}

/** Stands for every reference by its name, so that what is compared reads well. */
export const byName = (reference: string): string => `<${reference}>`;

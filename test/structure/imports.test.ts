import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What each folder may import besides itself: folders, `node:` and packages. The table of docs/architecture.md. */
const allowedImports: Record<string, readonly string[]> = {
  "src/contract": [],
  "src/encoding": [],
  "src/spec": ["zod", "yaml", "fastest-levenshtein", "node:"],
  "src/metrics": [],
  "src/plan": ["src/spec", "zod", "node:crypto", "fastest-levenshtein"],
  "src/dataset": ["src/contract", "src/spec", "sharp", "node:"],
  "src/execute": ["src/contract", "src/spec", "src/plan", "@aws-sdk", "node:"],
  "src/engine": ["node:"],
  "src/record": ["src/contract", "src/spec", "src/plan", "zod", "@aws-sdk", "node:"],
  "src/compare": ["src/metrics", "src/spec", "src/plan", "src/record"],
  "src/report": [
    "src/compare",
    "src/encoding",
    "src/spec",
    "src/plan",
    "src/record",
    "hyparquet-writer",
    "preact",
    "@preact/signals",
    "node:",
  ],
  "src/orchestrate": [
    "src/contract",
    "src/encoding",
    "src/engine",
    "src/spec",
    "src/plan",
    "src/dataset",
    "src/execute",
    "src/record",
    "src/metrics",
    "src/compare",
    "src/report",
    "node:",
  ],
  "src/cli": ["src", "commander", "picocolors", "node:"],
  trainer: [
    "src/contract",
    "src/encoding",
    "src/spec",
    "src/plan",
    "src/metrics",
    "src/record",
    "src/dataset",
    "src/engine",
    "@tensorflow/tfjs-core",
    "@tensorflow/tfjs-layers",
    "@tensorflow/tfjs-backend-wasm",
    "node:",
  ],
  // The offline twin stands for AWS: it starts what AWS starts.
  "infra/local": ["infra", "src", "@aws-sdk", "aws-local-stepfunctions", "node:"],
  infra: [
    "src/contract",
    "src/spec",
    "src/plan",
    "src/dataset",
    "src/engine",
    "src/report",
    "src/orchestrate",
    "aws-cdk-lib",
    "cdk-nag",
    "constructs",
    "esbuild",
    "node:",
  ],
};

/** Folders whose listed imports may be of types only. */
const typesOnly: Record<string, readonly string[]> = {
  "src/compare": ["src/spec", "src/plan", "src/record"],
  "src/report": ["src/spec", "src/plan", "src/record"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
  /** Whether it is loaded when a function runs, not with the file. */
  readonly isLazy: boolean;
}

const files = ["src", "trainer", "infra"]
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name)),
  )
  .filter((file) => /\.tsx?$/.test(file) && !file.includes(`wasm${path.sep}assembly`));

const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const statement =
    /^\s*(import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|import\("([^"]+)"\)/gm;
  return [...text.matchAll(statement)].map((match) => {
    const target = match[3] ?? match[4] ?? match[5] ?? "";
    const to = target.startsWith(".") ? path.join(path.dirname(file), target) : target;
    return { from: file, to, isType: match[2] !== undefined, isLazy: match[5] !== undefined };
  });
}

function isWithin(target: string, allowed: string): boolean {
  return allowed.endsWith(":") ? target.startsWith(allowed) : target === allowed || target.startsWith(`${allowed}/`);
}

/** Files that hold what is special to one service of AWS: `s3-bucket.ts`. */
function isNamedForService(file: string): boolean {
  if (isWithin(file, "infra/local")) return true;
  return /^(s3|batch|sfn|cloudwatch|ssm|sts|ec2|ecr|quotas)-/.test(path.basename(file));
}

function folderOf(file: string): string {
  return Object.keys(allowedImports).find((folder) => isWithin(file, folder)) ?? "";
}

describe("the import table", () => {
  test("every source file is in a folder of the table", () => {
    const strays = files.filter((file) => folderOf(file) === "");

    expect(strays).toEqual([]);
  });

  test("no file imports what its folder may not", () => {
    const violations = imports.filter(({ from, to }) => {
      const folder = folderOf(from);
      return ![folder, ...(allowedImports[folder] ?? [])].some((allowed) => isWithin(to, allowed));
    });

    expect(violations).toEqual([]);
  });

  test("comparison and report take types only from spec, plan and record", () => {
    const violations = imports.filter(({ from, to, isType }) =>
      (typesOnly[folderOf(from)] ?? []).some((folder) => isWithin(to, folder) && !isType),
    );

    expect(violations).toEqual([]);
  });

  test("the AWS SDK and tfjs stay in the files that are for them", () => {
    const violations = imports.filter(
      ({ from, to }) =>
        (to.startsWith("@aws-sdk/") && !isNamedForService(from)) ||
        (to.startsWith("@tensorflow/") && !from.startsWith("trainer")),
    );

    expect(violations).toEqual([]);
  });

  test("the AWS SDK is loaded only by those who use it", () => {
    const loadsSdk = new Set(imports.filter(({ to }) => to.startsWith("@aws-sdk/")).map(({ from }) => from));
    const eager = imports.filter(
      ({ from, to, isType, isLazy }) => loadsSdk.has(to) && !isType && !isLazy && !isWithin(from, "infra/local"),
    );

    expect(eager).toEqual([]);
  });

  test("there is no import cycle", () => {
    expect(findCycle(imports.filter(({ to }) => /\.tsx?$/.test(to)))).toBeUndefined();
  });

  test("a cycle would be found", () => {
    const edge = (from: string, to: string): Import => ({ from, to, isType: false, isLazy: false });

    const cycle = findCycle([edge("a.ts", "b.ts"), edge("b.ts", "c.ts"), edge("c.ts", "a.ts")]);

    expect(cycle).toEqual(["a.ts", "b.ts", "c.ts", "a.ts"]);
  });
});

/** The files of one import cycle, first = last, or undefined. */
function findCycle(edges: readonly Import[]): string[] | undefined {
  const targets = new Map<string, Import[]>();
  for (const edge of edges) targets.set(edge.from, [...(targets.get(edge.from) ?? []), edge]);
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(file);
    if (start >= 0) return [...trail.slice(start), file];
    if (done.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

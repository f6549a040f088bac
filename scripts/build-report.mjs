// Bundles the report's client: `node scripts/build-report.mjs [folder]` writes client.js and client.css
// (default folder: dist/src/report, next to the compiled renderer that embeds them).
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const repository = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? resolve(repository, "dist/src/report"));

const notice = "/*! nightsweep report. Contains preact and @preact/signals, MIT licence, (c) their authors */";

await build({
  absWorkingDir: repository,
  entryPoints: [
    { in: "src/report/client/main.tsx", out: "client" },
    { in: "src/report/client/report.css", out: "client" },
  ],
  outdir: folder,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "ascii",
  legalComments: "none",
  banner: { js: notice, css: notice },
  tsconfig: "src/report/client/tsconfig.json",
  logLevel: "warning",
});

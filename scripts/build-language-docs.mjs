// `npm run docs`: writes docs/language.md from the schemas that check experiments; `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, install, requireNode, root } from "./prepare.mjs";

const file = path.join(root, "docs", "language.md");

requireNode();
install();
build();
const { renderLanguageDocs } = await import("../dist/src/spec/language-docs/render-language-docs.js");
const text = renderLanguageDocs();
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("docs/language.md is not what the schemas say; run `npm run docs`");
  process.exit(1);
}

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";

/** A headless Chromium, or why there is none. */
export type OpenedBrowser =
  | { readonly browser: Browser; readonly reason?: undefined }
  | { readonly browser?: undefined; readonly reason: string };

// The package's own flags switch web security off, which would hide what a real browser refuses.
const flags = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--font-render-hinting=none"];

/** Starts the Chromium that comes as an npm package, with its own system libraries where this machine has none. */
export async function openBrowser(): Promise<OpenedBrowser> {
  try {
    const executablePath = await chromium.executablePath();
    const launch = (env: Record<string, string>) => playwright.launch({ executablePath, args: flags, env });
    const environment = definedVariables();
    try {
      return { browser: await launch(environment) };
    } catch {
      return { browser: await launch({ ...environment, ...bundledLibraries() }) };
    }
  } catch (error) {
    return { reason: String(error).split("\n").slice(0, 3).join(" ") };
  }
}

function bundledLibraries(): Record<string, string> {
  const bin = path.join(path.dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "../../bin");
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-chromium-"));
  const archive = path.join(folder, "libraries.tar");
  writeFileSync(archive, brotliDecompressSync(readFileSync(path.join(bin, "al2023.tar.br"))));
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  const fonts = path.join(tmpdir(), "fonts");
  mkdirSync(fonts, { recursive: true });
  return {
    LD_LIBRARY_PATH: path.join(folder, "lib"),
    ...(existsSync("/etc/fonts") ? {} : { FONTCONFIG_PATH: fonts }),
  };
}

function definedVariables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A report in a browser, with what the page asked for and complained about. */
export interface OpenedReport {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  readonly url: string;
}

/** Opens a page from disk. @param html its text; @param hash what follows `#` in the address */
export async function openFromDisk(
  browser: Browser,
  file: string,
  html: Uint8Array,
  { hash = "", ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenedReport> {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, html);
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const url = pathToFileURL(file).href;
  await page.goto(`${url}${hash === "" ? "" : `#${hash}`}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".pending").first().waitFor({ state: "detached" });
  return { page, requests, complaints, url };
}

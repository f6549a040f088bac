import type { Browser, Page } from "playwright-core";
import { pathToFileURL } from "node:url";

/** How long people wait for a report in Chromium, in milliseconds. */
export interface BrowserTimes {
  /** From the address to the first rows of the leaderboard, drawn. */
  readonly firstViewMs: number;
  /** From there until every view is there. */
  readonly allViewsMs: number;
  readonly sortMs: number;
  readonly filterMs: number;
  readonly brushMs: number;
  readonly complaints: readonly string[];
}

const limitMs = 120_000;

/** Opens a report from disk and uses it. */
export async function measureInBrowser(browser: Browser, file: string): Promise<BrowserTimes> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 950 } });
  const page = await context.newPage();
  page.setDefaultTimeout(limitMs);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const begin = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.locator("table.board tbody tr[aria-rowindex]").first().waitFor();
  await drawn(page);
  const first = performance.now();
  await page.locator(".pending").first().waitFor({ state: "detached" });
  await drawn(page);
  const all = performance.now();
  await page.evaluate("scrollTo(0, 0)");
  const sortMs = await timed(page, `document.querySelectorAll("table.board .sort")[4].click()`);
  const filterMs = await timed(
    page,
    `{ const field = document.querySelector("input[type=search]"); field.value = "batchSize 64"; field.dispatchEvent(new Event("input", { bubbles: true })) }`,
  );
  await timed(page, `document.querySelector(".chip").click()`);
  const brushMs = await brush(page);
  await context.close();
  return { firstViewMs: first - begin, allViewsMs: all - begin, sortMs, filterMs, brushMs, complaints };
}

function drawn(page: Page): Promise<unknown> {
  return page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
}

/** From an action until what it changed is drawn. */
function timed(page: Page, action: string): Promise<number> {
  return page.evaluate<number>(
    `(async () => { const begin = performance.now(); ${action}; await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))); return performance.now() - begin })()`,
  );
}

/** A range on an axis of the parallel coordinates, until all views have taken it over. */
async function brush(page: Page): Promise<number> {
  const strip = page.locator("#parallel .axis-strip").last();
  await strip.scrollIntoViewIfNeeded();
  const box = await strip.boundingBox();
  if (!box) throw new Error("there are no parallel coordinates");
  await page.mouse.move(box.x + 10, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 10, box.y + box.height / 2);
  const begin = performance.now();
  await page.mouse.up();
  await page.locator(".filter-bar .chip").waitFor();
  await drawn(page);
  return performance.now() - begin;
}

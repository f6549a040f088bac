/** How much of what was seen last is looked for in a text whose middle was left out. */
const anchorCharacters = 400;

/** Tells what is new in a text that is read again and again, and that grows at its end and may lose its middle. */
export class FollowedText {
  private seen = "";

  /** @returns what was appended since the last time, only whole lines unless it is the last time */
  read(text: string, { isLast }: { readonly isLast: boolean }): string {
    const whole = isLast ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    const news = whole.startsWith(this.seen) ? whole.slice(this.seen.length) : this.afterGap(whole);
    this.seen = whole;
    return news;
  }

  private afterGap(whole: string): string {
    const anchor = this.seen.slice(-anchorCharacters);
    const at = whole.lastIndexOf(anchor);
    return at === -1
      ? `… part of the log was left out …\n${whole.slice(-anchorCharacters)}`
      : whole.slice(at + anchor.length);
  }
}

/** The last lines of a text. */
export function lastLinesOf(text: string, count: number): string {
  const lines = text.split("\n");
  const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  return lines.slice(Math.max(0, end - count)).join("\n");
}

/** Puts a prefix before every line. */
export function prefixLines(text: string, prefix: string): string {
  return text === "" ? "" : text.replaceAll(/^(?=[^\n]|\n)/gm, prefix);
}

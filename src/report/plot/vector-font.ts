import { readFileSync } from "node:fs";
import { displayWidth } from "../display-width.ts";

/** The weights there are. */
export type FontWeight = "regular" | "bold";

/** A text as outlines. */
export interface OutlinedText {
  /** In the unit of `size`. */
  readonly width: number;
  /** Path data in thousandths of `size`, beginning at the left end of the base line; undefined if a letter is missing. */
  readonly outline: string | undefined;
}

interface FontTable {
  readonly unitsPerEm: number;
  readonly kerning: ReadonlyMap<string, number>;
  readonly glyphs: ReadonlyMap<string, readonly [advance: number, outline: string]>;
}

const tables = new Map<FontWeight, FontTable>();

/** Half an em for each column of a terminal: what fonts that are not ours come to, about. */
const emsPerColumn = 0.55;

/**
 * A text in the letters that plots bring along, so that it looks the same on every machine, also on those without fonts.
 * @param size of the letters, in any unit
 */
export function outlineText(text: string, size: number, weight: FontWeight = "regular"): OutlinedText {
  const { glyphs, kerning, unitsPerEm } = loadFont(weight);
  let pen = 0;
  let before = "";
  const parts: string[] = [];
  for (const letter of text.normalize("NFC")) {
    const glyph = glyphs.get(letter);
    if (glyph === undefined) return { width: displayWidth(text) * emsPerColumn * size, outline: undefined };
    pen += kerning.get(before + letter) ?? 0;
    if (glyph[1] !== "") parts.push(movedBy(pen, glyph[1]));
    pen += glyph[0];
    before = letter;
  }
  return { width: (pen / unitsPerEm) * size, outline: parts.join("") };
}

/** An outline is relative to its own begin, but for the first point. */
function movedBy(pen: number, outline: string): string {
  return outline.replace(/^m(-?\d+) ?(-?\d+)/, (_, x: string, y: string) => `M${pen + Number(x)} ${y}`);
}

function loadFont(weight: FontWeight): FontTable {
  const known = tables.get(weight);
  if (known !== undefined) return known;
  const content: unknown = JSON.parse(readFileSync(new URL(`font/inter-${weight}.json`, import.meta.url), "utf8"));
  if (!isFontFile(content)) throw new Error(`font/inter-${weight}.json is not made by scripts/build-plot-font.mjs`);
  const table = {
    unitsPerEm: content.unitsPerEm,
    kerning: new Map(Object.entries(content.kerning)),
    glyphs: new Map(Object.entries(content.glyphs)),
  };
  tables.set(weight, table);
  return table;
}

interface FontFile {
  readonly unitsPerEm: number;
  readonly kerning: Readonly<Record<string, number>>;
  readonly glyphs: Readonly<Record<string, readonly [advance: number, outline: string]>>;
}

function isFontFile(content: unknown): content is FontFile {
  return typeof content === "object" && content !== null && "unitsPerEm" in content && "glyphs" in content;
}

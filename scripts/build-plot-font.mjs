// Draws the letters of plots once and for all: outlines of Inter (SIL Open Font License) for the characters that labels
// and names are likely to need, as JSON in src/report/plot/font. So that a plot looks the same everywhere, also on a
// machine without fonts. Needed again only for other characters: `node scripts/build-plot-font.mjs`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { root } from "./prepare.mjs";

// CommonJS by its entry, an ES module by its types.
const { parse } = createRequire(import.meta.url)("opentype.js");
const source = path.join(root, "node_modules", "@fontsource", "inter");
const target = path.join(root, "src", "report", "plot", "font");
const unitsPerEm = 1000;
const subsets = ["latin", "latin-ext", "greek"];
const ranges = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x391, 0x3c9],
  [0x2010, 0x2026],
];
const others = Array.from("‰′″€→←↑↓−√∞≈≠≤≥∆∑∂∈·×÷±", (letter) => letter.codePointAt(0) ?? 0);
const codes = [...ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)), ...others];
// The licence wants to travel with the outlines.
const license = readFileSync(path.join(source, "LICENSE"), "utf8");
const kerned = Array.from({ length: 0x5f }, (_, index) => String.fromCodePoint(0x20 + index));

mkdirSync(target, { recursive: true });
for (const [name, weight] of [
  ["regular", 400],
  ["bold", 600],
]) {
  const fonts = subsets.map((subset) => load(path.join(source, "files", `inter-${subset}-${weight}-normal.woff`)));
  const glyphs = Object.fromEntries(codes.flatMap((code) => describeGlyph(fonts, String.fromCodePoint(code))));
  const lines = Object.entries(glyphs).map(
    ([letter, glyph]) => `  ${JSON.stringify(letter)}: ${JSON.stringify(glyph)}`,
  );
  const kerning = JSON.stringify(kerningOf(fonts[0]));
  const text = `{\n"license": ${JSON.stringify(license)},\n"unitsPerEm": ${unitsPerEm},\n"kerning": ${kerning},\n"glyphs": {\n${lines.join(",\n")}\n}\n}\n`;
  writeFileSync(path.join(target, `inter-${name}.json`), text);
  console.error(`${name}: ${lines.length} letters, ${text.length} bytes`);
}

/** @param {string} file */
function load(file) {
  const bytes = readFileSync(file);
  return parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Advance and outline, y downwards, in thousandths of the letter size; nothing if no font has the letter. */
function describeGlyph(fonts, letter) {
  const font = fonts.find((candidate) => candidate.charToGlyphIndex(letter) > 0);
  if (font === undefined) return [];
  const glyph = font.charToGlyph(letter);
  const scale = unitsPerEm / font.unitsPerEm;
  return [[letter, [Math.round(glyph.advanceWidth * scale), outline(glyph.getPath(0, 0, unitsPerEm).commands)]]];
}

/** Path data with whole numbers, relative to the point before. */
function outline(commands) {
  let [x, y] = [0, 0];
  const to = (px, py) => `${Math.round(px) - x} ${Math.round(py) - y}`.replace(" -", "-");
  const move = (px, py) => ([x, y] = [Math.round(px), Math.round(py)]);
  let [startX, startY] = [0, 0];
  return commands
    .map((command) => {
      if (command.type === "Z") {
        move(startX, startY);
        return "z";
      }
      const pairs = [
        ...("x1" in command ? [[command.x1, command.y1]] : []),
        ...("x2" in command ? [[command.x2, command.y2]] : []),
        [command.x, command.y],
      ];
      const text =
        command.type.toLowerCase() +
        pairs
          .map(([px, py]) => to(px, py))
          .join(" ")
          .replaceAll(" -", "-");
      move(command.x, command.y);
      if (command.type === "M") [startX, startY] = [x, y];
      return text;
    })
    .join("");
}

/** Pairs that stand closer or wider than their advances, by both letters. */
function kerningOf(font) {
  const scale = unitsPerEm / font.unitsPerEm;
  const pairs = kerned.flatMap((a) =>
    kerned.flatMap((b) => {
      const value = Math.round(font.getKerningValue(font.charToGlyph(a), font.charToGlyph(b)) * scale);
      return Math.abs(value) < 8 ? [] : [[a + b, value]];
    }),
  );
  return Object.fromEntries(pairs);
}

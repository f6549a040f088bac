import { cellText, type Table } from "./table.ts";

/**
 * A table for LaTeX with the package booktabs. Names can hold anything: what TeX would interpret is escaped.
 * @returns a `tabular` environment, each line ended by a line feed
 */
export function renderLatexTable(table: Table): string {
  const alignment = table.columns.map(({ align }) => (align === "right" ? "r" : "l")).join("");
  const line = (cells: readonly string[]): string => `  ${cells.map(escapeLatex).join(" & ")} \\\\`;
  const lines = [
    `\\begin{tabular}{${alignment}}`,
    "  \\toprule",
    line(table.columns.map(({ label }) => label)),
    "  \\midrule",
    ...table.rows.map((row) => line(table.columns.map((column) => cellText(column, row)))),
    "  \\bottomrule",
    "\\end{tabular}",
  ];
  return `${lines.join("\n")}\n`;
}

const replacements: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "±": "$\\pm$",
  "−": "$-$",
  "–": "--",
  "…": "\\dots{}",
  "·": "$\\cdot$",
  "\u202f": "\\,",
};

/** Text that TeX shows literally, on one line. */
function escapeLatex(text: string): string {
  return text
    .replaceAll(/[\r\n\t]+/g, " ")
    .replaceAll(/[\\~^±−–…·\u202f#$%&_{}]/g, (character) => replacements[character] ?? `\\${character}`);
}

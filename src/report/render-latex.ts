import { cellText, type Table } from "./table.ts";

/**
 * A table for LaTeX, with the rules of the package booktabs: a `tabular`, to be put into a `table` by whoever writes the
 * caption. What LaTeX would interpret is escaped; signs that pdfLaTeX lacks become mathematics.
 * @returns the text, each line ended by a line feed
 */
export function renderLatexTable(table: Table): string {
  const alignment = table.columns.map(({ align }) => (align === "right" ? "r" : "l")).join("");
  const header = table.columns.map(({ label }) => escapeLatex(label));
  const body = table.rows.map((row) => table.columns.map((column) => escapeLatex(cellText(column, row))));
  const line = (cells: readonly string[]): string => `  ${cells.join(" & ")} \\\\\n`;
  return [
    "% \\usepackage{booktabs}\n",
    `\\begin{tabular}{${alignment}}\n`,
    "  \\toprule\n",
    line(header),
    "  \\midrule\n",
    ...body.map(line),
    "  \\bottomrule\n",
    "\\end{tabular}\n",
  ].join("");
}

const signs: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "$<$",
  ">": "$>$",
  "|": "$|$",
  "[": "{[}",
  "]": "{]}",
  "±": "$\\pm$",
  "×": "$\\times$",
  "−": "$-$",
  "·": "$\\cdot$",
  "≤": "$\\leq$",
  "≥": "$\\geq$",
  "→": "$\\rightarrow$",
  Δ: "$\\Delta$",
  "…": "\\ldots{}",
  "–": "--",
  "—": "---",
  "\u00a0": "~",
  "\u202f": "\\,",
};

/** Text that LaTeX sets as it is, on one line; brackets can't be taken for an option of `\\`. */
export function escapeLatex(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replaceAll(/[#$%&_{}]/g, "\\$&")
    .replaceAll(/\\(?![#$%&_{}])|[\^~<>|[\]±×−·≤≥→Δ…–—\u00a0\u202f]/gu, (sign) => signs[sign] ?? sign);
}

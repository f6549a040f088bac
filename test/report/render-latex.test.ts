import { expect, test } from "vitest";
import { escapeLatex, renderLatexTable } from "../../src/report/render-latex.ts";

test("a table is a tabular with the rules of booktabs", () => {
  const latex = renderLatexTable({
    columns: [
      { key: "name", label: "model", align: "left" },
      { key: "accuracy", label: "accuracy", align: "right", format: (value) => `${value} % ± 0.1` },
    ],
    rows: [
      { name: "cnn_2", accuracy: 98.1 },
      { name: "mlp", accuracy: null },
    ],
  });

  expect(latex).toBe(String.raw`% \usepackage{booktabs}
\begin{tabular}{lr}
  \toprule
  model & accuracy \\
  \midrule
  cnn\_2 & 98.1 \% $\pm$ 0.1 \\
  mlp & -- \\
  \bottomrule
\end{tabular}
`);
});

test.each([
  [
    String.raw`50% & $x_1^2$ {a} #1 ~ \input{x}`,
    String.raw`50\% \& \$x\_1\textasciicircum{}2\$ \{a\} \#1 \textasciitilde{} \textbackslash{}input\{x\}`,
  ],
  ["a < b | [c]", "a $<$ b $|$ {[}c{]}"],
  ["−1.5 × 2 … Δ", String.raw`$-$1.5 $\times$ 2 \ldots{} $\Delta$`],
  ["206\u202f922\tnext\nline", String.raw`206\,922 next line`],
  ["Müller", "Müller"],
])("%j can't do anything in LaTeX", (text, expected) => {
  expect(escapeLatex(text)).toBe(expected);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeMarkdown, renderMarkdownTable } from "../../src/report/render-markdown.ts";

describe("a table as Markdown", () => {
  test("is padded and aligned by column", () => {
    const text = renderMarkdownTable({
      columns: [
        { key: "model", label: "model", align: "left" },
        { key: "accuracy", label: "accuracy", align: "right", format: (value) => `${value.toFixed(1)} %` },
      ],
      rows: [
        { model: "lenet5", accuracy: 98.14 },
        { model: "mlp", accuracy: null },
      ],
    });

    expect(text).toBe(
      ["| model  | accuracy |", "| ------ | -------: |", "| lenet5 |   98.1 % |", "| mlp    |        – |", ""].join(
        "\n",
      ),
    );
  });

  test("pipes, backticks, line breaks and HTML in names are shown as they are", () => {
    expect(escapeMarkdown("a|b `c`\nd <img>")).toBe("a\\|b \\`c\\` d \\<img\\>");
  });

  test("an underscore is escaped only where it could begin emphasis", () => {
    expect(escapeMarkdown("conv2d_1 _loud_")).toBe("conv2d_1 \\_loud\\_");
  });

  test("whatever is in the cells, each row is one line with as many cells as there are columns", () => {
    const cell = fc.string({ unit: fc.constantFrom("|", "\\", "`", "\n", "\r", "\u2028", "a", " ") });

    fc.assert(
      fc.property(cell, cell, (first, second) => {
        const text = renderMarkdownTable({
          columns: [
            { key: "first", label: "first", align: "left" },
            { key: "second", label: "second", align: "left" },
          ],
          rows: [{ first, second }],
        });

        const [, , row = "", ...rest] = text.split(/\r\n|[\n\r\u2028\u2029]/);
        expect(rest).toEqual([""]);
        // A pipe ends a cell unless an odd number of backslashes stands before it.
        expect([...row.matchAll(/(?<!\\)(?:\\\\)*\|/g)]).toHaveLength(3);
      }),
    );
  });
});

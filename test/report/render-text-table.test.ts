import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/report/display-width.ts";
import { renderTextTable } from "../../src/report/render-text-table.ts";

describe("a table as plain text", () => {
  test("aligns numbers right and leaves no blanks at the ends of lines", () => {
    const text = renderTextTable({
      columns: [
        { key: "model", label: "model", align: "left" },
        { key: "count", label: "n", align: "right" },
        { key: "note", label: "note", align: "left" },
      ],
      rows: [
        { model: "lenet5", count: 3, note: "best" },
        { model: "mlp", count: 12 },
      ],
    });

    expect(text).toBe(
      [
        "model    n  note", //
        "──────  ──  ────",
        "lenet5   3  best",
        "mlp     12  –",
        "",
      ].join("\n"),
    );
  });

  test("wide characters and emoji take two columns, combining marks none", () => {
    expect(displayWidth("猫")).toBe(2);
    expect(displayWidth("🐈 cat")).toBe(6);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("–±κ")).toBe(3);
  });

  test("a column after wide characters starts at the same place in every row", () => {
    const text = renderTextTable({
      columns: [
        { key: "name", label: "name", align: "left" },
        { key: "count", label: "n", align: "right" },
      ],
      rows: [
        { name: "猫と犬", count: 1 },
        { name: "cat", count: 2 },
      ],
    });

    expect(text.split("\n").slice(2, 4)).toEqual(["猫と犬  1", "cat     2"]);
  });

  test("control characters in a name can't reach the terminal", () => {
    const text = renderTextTable({
      columns: [{ key: "name", label: "name", align: "left" }],
      rows: [{ name: "a\u001b[31mb\nc\u0007\u202ed" }],
    });

    expect(text.split("\n")[2]).toBe("a\ufffd[31mb c\ufffd\ufffdd");
  });
});

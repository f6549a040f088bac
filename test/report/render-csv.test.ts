import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderCsv } from "../../src/report/render-csv.ts";
import type { Table, TableCell } from "../../src/report/table.ts";

describe("a table as CSV", () => {
  test("has the column keys first and ends each line with CR LF", () => {
    const table = tableOf([
      ["lenet5", 0.98125],
      ["mlp", -1],
    ]);

    expect(renderCsv(table)).toBe("name,score\r\nlenet5,0.98125\r\nmlp,-1\r\n");
  });

  test("numbers have their full precision, whatever people are shown", () => {
    const table = tableOf([["lenet5", 1 / 3]], (value) => value.toFixed(2));

    expect(renderCsv(table)).toBe("name,score\r\nlenet5,0.3333333333333333\r\n");
  });

  test("a missing value is empty and a claim is true or false", () => {
    const table = tableOf([
      [null, true],
      [false, null],
    ]);

    expect(renderCsv(table)).toBe("name,score\r\n,true\r\nfalse,\r\n");
  });

  test("quotes, commas, line breaks and blanks at the ends are quoted", () => {
    const table = tableOf([
      ['say "hi"', "a,b"],
      ["two\nlines", " padded"],
    ]);

    expect(renderCsv(table)).toBe('name,score\r\n"say ""hi""","a,b"\r\n"two\nlines"," padded"\r\n');
  });

  test("a name that a spreadsheet would take for a formula is left as it is", () => {
    expect(renderCsv(tableOf([["=1+1", "-x"]]))).toBe("name,score\r\n=1+1,-x\r\n");
  });

  test("any texts come back from a reader of RFC 4180", () => {
    const rows = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string()), { maxLength: 5 });

    fc.assert(
      fc.property(rows, (cells) => {
        expect(readCsv(renderCsv(tableOf(cells)))).toEqual([["name", "score"], ...cells]);
      }),
    );
  });
});

function tableOf(
  rows: readonly (readonly [TableCell, TableCell])[],
  format: (value: number) => string = String,
): Table {
  return {
    columns: [
      { key: "name", label: "Name", align: "left" },
      { key: "score", label: "Score", align: "right", format },
    ],
    rows: rows.map(([name, score]) => ({ name, score })),
  };
}

/** An independent reader: a field is quoted or free of quotes, commas and line ends. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, plain, end] of text.matchAll(field)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

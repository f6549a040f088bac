import fc from "fast-check";
import { expect, test } from "vitest";
import { endOfAttemptMarker } from "../../src/contract/worker-messages.ts";
import { MarkedOutput } from "../../src/execute/marked-output.ts";

const marker = endOfAttemptMarker(7, 1);

test("text in front of a marker belongs to its attempt and text behind it to the next, wherever the stream is cut", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\u001e", "é"), maxLength: 12 });

  await fc.assert(
    fc.asyncProperty(text, text, fc.array(fc.nat({ max: 200 })), async (first, second, cuts) => {
      const output = new MarkedOutput();
      const stream = `${first}${marker}\n${second}${endOfAttemptMarker(8, 1)}\n`;
      const positions = [0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].sort((a, b) => a - b);
      const pieces = positions.slice(1).map((end, index) => stream.slice(positions[index], end));
      let seen = "";
      let seenNext = "";

      const ended = output.capture(marker, (piece) => {
        seen += piece;
      });
      for (const piece of pieces) output.push(piece);
      await ended;
      await output.capture(endOfAttemptMarker(8, 1), (piece) => {
        seenNext += piece;
      });

      expect(seen).toBe(first === "" || first.endsWith("\n") ? first : `${first}\n`);
      expect(seenNext).toBe(second === "" || second.endsWith("\n") ? second : `${second}\n`);
    }),
  );
});

test("text is passed on in whole lines", () => {
  const pieces: string[] = [];
  const output = new MarkedOutput();
  void output.capture(marker, (text) => pieces.push(text));

  output.push("one\ntw");
  output.push("o\nthree");
  output.end();

  expect(pieces).toEqual(["one\n", "two\n", "three\n"]);
});

test("a line without end doesn't pile up, and its marker is still found", async () => {
  let length = 0;
  const output = new MarkedOutput();
  const ended = output.capture(marker, (text) => {
    length += text.length;
  });

  for (let piece = 0; piece < 100; piece++) output.push("x".repeat(10_000));
  const lengthBeforeMarker = length;
  output.push(marker.slice(0, 20));
  output.push(marker.slice(20));
  await ended;

  expect(lengthBeforeMarker).toBeGreaterThan(900_000);
  expect(length).toBe(1_000_001);
});

test("of what comes while nothing is captured, the last 64 Ki characters are kept", () => {
  let text = "";
  const output = new MarkedOutput();

  for (let piece = 0; piece < 100; piece++) output.push(`${"x".repeat(9_999)}\n`);
  void output.capture(marker, (piece) => {
    text += piece;
  });
  output.end();

  expect(text.length).toBe(64 * 1024);
});

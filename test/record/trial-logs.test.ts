import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClippedText } from "../../src/record/clipped-text.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { TrialLogs } from "../../src/record/trial-logs.ts";
import { trialId, trialKey } from "./sample-run.ts";

async function logOf(store: MemoryStore, index: number): Promise<string | undefined> {
  const bytes = await store.get(`${trialKey("r", index)}/log.txt`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function logs(store: MemoryStore, maxCharacters?: number): TrialLogs {
  return new TrialLogs(store, { experiment: "sample", runId: "r" }, maxCharacters);
}

describe("the log of a trial", () => {
  test("holds what was appended for that trial, once it is flushed", async () => {
    const store = new MemoryStore();
    const trialLogs = logs(store);

    trialLogs.append(trialId(0), "one\n");
    trialLogs.append(trialId(1), "other\n");
    trialLogs.append(trialId(0), "zwölf 🌙\n");
    const before = await logOf(store, 0);
    await trialLogs.flush(trialId(0));

    expect(before).toBeUndefined();
    expect(await logOf(store, 0)).toBe("one\nzwölf 🌙\n");
    expect(await logOf(store, 1)).toBeUndefined();
  });

  test("grows from attempt to attempt, also in another session", async () => {
    const store = new MemoryStore();
    const first = logs(store);
    first.append(trialId(0), "attempt 1\n");
    await first.flush(trialId(0));
    first.append(trialId(0), "attempt 2\n");
    await first.flush(trialId(0));
    await first.flush(trialId(0));

    const second = logs(store);
    second.append(trialId(0), "attempt 3\n");
    await second.flush(trialId(0));

    expect(await logOf(store, 0)).toBe("attempt 1\nattempt 2\nattempt 3\n");
  });

  test("is not written if a trial printed nothing", async () => {
    const store = new MemoryStore();

    await logs(store).flush(trialId(0));

    expect(await store.list("")).toEqual([]);
  });

  test("keeps its beginning and its end when it gets long", async () => {
    const store = new MemoryStore();
    const trialLogs = logs(store, 20);

    trialLogs.append(trialId(0), "0123456789");
    trialLogs.append(trialId(0), "abcdefghijklmnopqrstuvwxyz");
    await trialLogs.flush(trialId(0));
    const first = await logOf(store, 0);
    trialLogs.append(trialId(0), "ABCDE");
    await trialLogs.flush(trialId(0));

    expect(first).toBe("0123456789\n… nightsweep left out 16 characters here …\nqrstuvwxyz");
    expect(await logOf(store, 0)).toBe("0123456789\n… nightsweep left out 21 characters here …\nvwxyzABCDE");
  });
});

test("a text has the same ends and the same gap, however it was cut into pieces and stored in between", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 })), fc.integer({ min: 2, max: 20 }), (pieces, maxCharacters) => {
      const text = pieces.join("");
      const half = Math.floor(maxCharacters / 2);
      const gap = Math.max(0, text.length - 2 * half);

      let clipped = new ClippedText(maxCharacters);
      for (const piece of pieces) {
        const news = new ClippedText(maxCharacters);
        for (const character of piece) news.append(character);
        clipped.appendClipped(news);
        clipped = ClippedText.from(clipped.toString(), maxCharacters);
      }

      const expected =
        gap === 0
          ? text
          : `${text.slice(0, half)}\n… nightsweep left out ${gap} characters here …\n${text.slice(half + gap)}`;
      expect(clipped.toString()).toBe(expected);
    }),
  );
});

import { describe, expect, test } from "vitest";
import { RecordError } from "../../src/record/record-error.ts";
import { StoreError } from "../../src/record/store-error.ts";
import { describeError } from "../../trainer/describe-error.ts";

const text = { problem: "it is not there", fix: "put it there" };
const coded = (code: string) => Object.assign(new Error(`${code}: no`), { code });

describe("what was thrown in a trial", () => {
  test("is the user's to mend if a record can't be used", () => {
    expect(describeError(new RecordError("a/b", text)).kind).toBe("user");
  });

  test("is infrastructure if the store can't be used, with what to do", () => {
    expect(describeError(new StoreError("a/b", text))).toEqual({
      kind: "infrastructure",
      reason: "it is not there\n  fix: put it there",
    });
  });

  test.each(["ENOSPC", "EROFS", "EIO", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN"])(
    "is infrastructure if a system call failed with %s, however deep that is wrapped",
    (code) => {
      const wrapped = new Error("batch 3 can't be made", { cause: new Error("read", { cause: coded(code) }) });

      expect(describeError(coded(code)).kind).toBe("infrastructure");
      expect(describeError(wrapped).kind).toBe("infrastructure");
    },
  );

  test.each([
    "Session fails with Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,512,28,28]",
    "Invalid TF_Status: 8\nMessage: failed to allocate memory [Op:Conv2D]",
    "could not allocate pinned host memory: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
  ])("is about memory if TensorFlow has none left on its device: %s", (message) => {
    expect(describeError(new Error(message)).kind).toBe("memory");
  });

  test.each([new TypeError("x is not a function"), coded("ENOENT"), "a text"])("is a bug otherwise: %s", (error) => {
    expect(describeError(error).kind).toBe("bug");
  });

  test("does not go round in circles with an error that is its own cause", () => {
    const error = new Error("round");
    error.cause = error;

    expect(describeError(error).kind).toBe("bug");
  });
});

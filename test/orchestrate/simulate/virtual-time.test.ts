import { describe, expect, test } from "vitest";
import { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";

describe("virtual time", () => {
  test("lets things happen in the order of their times, equal ones in the order they were planned in", async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} at ${time.nowMs()}`);

    const cancel = time.after(25, note("nothing"));
    for (const [delay, name] of [
      [30, "c"],
      [10, "a"],
      [30, "d"],
      [20, "b"],
    ] as const)
      time.after(delay, note(name));
    time.after(5, cancel);
    await time.run(time.sleep(40));

    expect(seen).toEqual(["a at 10", "b at 20", "c at 30", "d at 30"]);
    expect(time.nowMs()).toBe(40);
  });

  test("stands still while promises settle", async () => {
    const time = new VirtualTime();
    const chain = async (): Promise<number> => {
      await time.sleep(10);
      for (let link = 0; link < 100; link++) await Promise.resolve();
      return time.nowMs();
    };
    void time.sleep(11);

    expect(await time.run(chain())).toBe(10);
  });

  test("says so if a task waits for what will never happen", async () => {
    await expect(new VirtualTime().run(new Promise(() => undefined))).rejects.toThrow("has not ended");
  });
});

import readline from "node:readline";

/** The few lines at the bottom of a terminal that are drawn again and again, and the lines that stay above them. */
export interface LiveDisplay {
  /** Writes a line that stays. */
  print(line: string): void;
  /** Replaces the live lines. */
  update(lines: readonly string[]): void;
  /** Removes the live lines. */
  clear(): void;
}

/** Whether the live lines are drawn: only for a person at a terminal. */
export function isLive(stream: NodeJS.WriteStream, environment: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY && !environment["CI"] && environment["TERM"] !== "dumb";
}

/** A display that draws on a terminal. Lines are cut at its width. */
export function createTerminalDisplay(stream: NodeJS.WriteStream): LiveDisplay {
  let drawn: readonly string[] = [];
  const erase = (): void => {
    if (drawn.length === 0) return;
    readline.moveCursor(stream, 0, -drawn.length);
    readline.cursorTo(stream, 0);
    readline.clearScreenDown(stream);
    drawn = [];
  };
  const update = (lines: readonly string[]): void => {
    erase();
    drawn = lines.map((line) => line.slice(0, Math.max(20, stream.columns - 1)));
    stream.write(drawn.map((line) => `${line}\n`).join(""));
  };
  return {
    print(line) {
      const kept = drawn;
      erase();
      stream.write(`${line}\n`);
      update(kept);
    },
    update,
    clear: erase,
  };
}

/** A display for logs and pipes: lines that stay, nothing live. */
export function createLineDisplay(stream: NodeJS.WritableStream): LiveDisplay {
  return {
    print: (line) => void stream.write(`${line}\n`),
    update: () => {},
    clear: () => {},
  };
}

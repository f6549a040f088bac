import { spawn } from "node:child_process";

/** Runs a program. @returns what it printed @throws Error with the end of what it said if it fails */
export async function runProgram(command: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-2000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ${parameters.slice(0, 3).join(" ")} … failed (${code}):\n${said.trim()}`);
  return printed;
}

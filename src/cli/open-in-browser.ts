import { spawn } from "node:child_process";

/** How the system opens a file or an address, as a person would by a double click. */
function opener(): readonly [command: string, ...parameters: string[]] {
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["cmd", "/c", "start", ""];
  return ["xdg-open"];
}

/**
 * Opens a file or address in the person's browser. `BROWSER`, if set, names the program.
 * @returns whether there is a program that does
 */
export function openInBrowser(target: string, environment = process.env): Promise<boolean> {
  const [command, ...parameters] = environment["BROWSER"] ? [environment["BROWSER"]] : opener();
  return new Promise((resolve) => {
    const child = spawn(command, [...parameters, target], { stdio: "ignore", detached: true });
    child.on("error", () => resolve(false));
    child.on("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

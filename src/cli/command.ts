import type { Command } from "commander";

/** One command: its name and how its flags, help and action are declared. Actions load their modules lazily. */
export interface CommandDeclaration {
  readonly name: string;
  readonly configure: (command: Command) => void;
}

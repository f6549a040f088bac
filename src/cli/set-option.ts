import { Option } from "commander";

/** The `--set` flag of every command that plans an experiment; may be given several times. */
export function setOption(): Option {
  return new Option("--set <path=value>", "set a field for this call, e.g. training.epochs=5; null removes it")
    .argParser((text: string, earlier: readonly string[]) => [...earlier, text])
    .default([], "none");
}

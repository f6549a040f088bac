import type { Finding } from "../../orchestrate/cloud/diagnose.ts";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import type { TableColumn } from "../../report/table.ts";

/** `nightsweep doctor`: whether runs on AWS can work, and how to mend what can't. */
export const doctorCommand: CommandDeclaration = {
  name: "doctor",
  configure: (command) =>
    command
      .description("Look at everything that runs on AWS need: credentials, quotas, deployment, bucket, image, versions")
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Changes nothing but an object in the bucket that it removes again. Exit code 74 if something is wrong.

Example:
  nightsweep doctor`,
      )
      .action((options: { readonly output: OutputFormat }) => asCliError(() => doctor(options.output))),
};

async function doctor(format: OutputFormat): Promise<void> {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const [{ diagnoseCloud }, { awsProbe }, { packageVersion }] = await Promise.all([
    import("../../orchestrate/cloud/diagnose.ts"),
    import("../aws-probe.ts"),
    import("../product.ts"),
  ]);
  const findings = [...(await diagnoseCloud(awsProbe, packageVersion())), await localEngine()];
  const column = (key: keyof Finding): TableColumn => ({ key, label: key, align: "left" });
  const table = {
    columns: (["subject", "state", "detail", "fix"] as const).map(column),
    rows: findings.map(({ subject, state, detail, fix = null }) => ({ subject, state, detail, fix })),
  };
  const json = { schemaVersion: 1, findings };
  await printResult({ json, table, human: () => findings.flatMap(linesOf).join("\n") }, format);
  if (findings.some(({ state }) => state === "problem")) process.exitCode = exitCodes.infrastructure;
}

function linesOf({ subject, state, detail, fix }: Finding): string[] {
  const mark = { fine: "ok     ", problem: "PROBLEM", unknown: "unknown" }[state];
  return [`${mark}  ${subject}: ${detail}`, ...(fix === undefined ? [] : [`         fix: ${fix}`])];
}

async function localEngine(): Promise<Finding> {
  const { findNativeEngine } = await import("../../engine/native-folder.ts");
  const installation = findNativeEngine(process.env);
  if (installation.isInstalled) return { subject: "engine here", state: "fine", detail: "tensorflow is installed" };
  const detail = `wasm; tensorflow is not used: ${installation.reason}`;
  return {
    subject: "engine here",
    state: "unknown",
    detail,
    fix: "`nightsweep engine install`; jobs on AWS have it anyway",
  };
}

import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { resolveTemplateValue } from "./resolve-template-value.ts";

/**
 * Accepts findings of cdk-nag about one construct, each with the reason.
 * @param reasons by the finding's id, e.g. `AwsSolutions-IAM5[Resource::*]`
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** cdk-nag's finding that a role may do something to all that an ARN with a `*` names. */
export function wildcardFinding(scope: IConstruct, arn: string): string {
  const resource = resolveTemplateValue(Stack.of(scope).resolve(arn), (reference) => `<${reference}>`);
  return `AwsSolutions-IAM5[Resource::${String(resource)}]`;
}

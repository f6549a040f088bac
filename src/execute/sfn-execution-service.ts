import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { ExecutionFacts, ExecutionService } from "./execution-service.ts";

/** Executions of a state machine of AWS Step Functions. @param stateMachineArn also says the region */
export function createSfnExecutionService(stateMachineArn: string): ExecutionService {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const region = stateMachineArn.split(":")[3] ?? "";
  const client = new SFNClient({ region, retryMode: "adaptive", maxAttempts: 8 });
  const idOf = (name: string): string => `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  return {
    idOf,
    async start(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
        return "started";
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return "ended";
        throw error;
      }
    },
    async describe(name) {
      try {
        const answer = await client.send(new DescribeExecutionCommand({ executionArn: idOf(name) }));
        const facts: ExecutionFacts = {
          id: idOf(name),
          status: answer.status ?? "RUNNING",
          ...(answer.cause !== undefined && { cause: answer.cause }),
          ...(answer.startDate && { startedAt: answer.startDate.toISOString() }),
          ...(answer.stopDate && { endedAt: answer.stopDate.toISOString() }),
        };
        return facts;
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },
    async stop(name, cause) {
      if ((await this.describe(name))?.status !== "RUNNING") return;
      await client.send(new StopExecutionCommand({ executionArn: idOf(name), cause, error: "Cancelled" }));
    },
  };
}

import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
  type GetLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import type { LogService } from "./log-service.ts";

/** Logs of Amazon CloudWatch. */
export function createCloudWatchLogService(region: string): LogService {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const client = new CloudWatchLogsClient({ region, retryMode: "adaptive", maxAttempts: 8 });
  return {
    async read(logGroupName, logStreamName) {
      const lines: string[] = [];
      let nextToken: string | undefined;
      for (;;) {
        const request = { logGroupName, logStreamName, startFromHead: true, ...(nextToken && { nextToken }) };
        const page: GetLogEventsCommandOutput | undefined = await client
          .send(new GetLogEventsCommand(request))
          .catch(undefinedIfMissing);
        if (page === undefined) return undefined;
        lines.push(...(page.events ?? []).map(({ message = "" }) => message));
        // The end is where the token doesn't change any more; pages before it may be empty.
        if (page.nextForwardToken === undefined || page.nextForwardToken === nextToken) return lines;
        nextToken = page.nextForwardToken;
      }
    },
  };
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof ResourceNotFoundException) return undefined;
  throw error;
}

import { failureFacts, isTransientFailure, type FailureFacts } from "./s3-failure.ts";
import { renderS3Location, type S3Location } from "./s3-location.ts";
import { StoreError } from "./store-error.ts";

/** What a store was about to do with which key. */
export interface S3Operation {
  readonly verb: "read" | "write" | "list" | "delete";
  readonly key: string;
}

/**
 * Says in plain words why something in S3 failed, and what to do about it. Nothing of the request itself is told, and
 * the original error is not kept: both hold signatures and key ids.
 * @param error what was thrown when the last try failed
 */
export function s3Error({ verb, key }: S3Operation, location: S3Location, error: unknown): StoreError {
  const facts = failureFacts(error);
  const { cause, fix } = explain(facts, location);
  const where = renderS3Location(location);
  const said = [facts.status, facts.code].filter((part) => part !== undefined).join(" ");
  return new StoreError(key, { problem: `can't ${verb} ${key || "the store"} in ${where}: ${cause} (${said})`, fix });
}

interface Explanation {
  readonly cause: string;
  readonly fix: string;
}

function explain(facts: FailureFacts, location: S3Location): Explanation {
  const { bucket, endpoint } = location;
  const service = endpoint === undefined ? "AWS" : endpoint;
  switch (facts.code) {
    case "NoSuchBucket":
      return {
        cause: `there is no bucket ${bucket}`,
        fix: `check its name, region and endpoint, or create it: aws s3 mb s3://${bucket}`,
      };
    case "CredentialsProviderError":
    case "NoCredentials":
      return {
        cause: "no credentials were found",
        fix: "run `aws configure`, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      };
    case "ExpiredToken":
    case "ExpiredTokenException":
    case "TokenRefreshRequired":
      return { cause: "the credentials have expired", fix: "log in again (aws sso login), then run the same command" };
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
    case "InvalidToken":
    case "UnrecognizedClientException":
      return {
        cause: `${service} doesn't accept the credentials`,
        fix: "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile in AWS_PROFILE",
      };
    case "RegionMissing":
      return { cause: "the region is not known", fix: "set AWS_REGION, or add ?region=eu-central-1 to the location" };
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return {
        cause: `the bucket is in another region or at another endpoint than was asked${location.region === undefined ? "" : ` (${location.region})`}`,
        fix: "set AWS_REGION, or add ?region=… to the location, as `aws s3api head-bucket` shows it",
      };
    case "RequestTimeTooSkewed":
      return { cause: "this machine's clock is wrong", fix: "set the clock (NTP), then run the same command" };
    case "KeyTooLongError":
      return { cause: "prefix and key together are longer than 1024 bytes", fix: "use a shorter prefix" };
    case "NotImplemented":
      return {
        cause: "the service has no conditional writes, which make sure that only one process finishes a trial",
        fix: "use AWS S3, or a service with If-None-Match and If-Match on writes",
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        cause: `the address of ${service} can't be found`,
        fix: "check the endpoint, the region and the network",
      };
    case "ECONNREFUSED":
      return { cause: `nothing answers at ${service}`, fix: "start the service, or check the endpoint" };
    case "UnreadableAnswer":
      return {
        cause: `what answers at ${service} doesn't speak S3`,
        fix: "check the endpoint, and proxies on the way",
      };
    case "UnsettledAnswer":
      return {
        cause: facts.message,
        fix: "run the same command again; if it stays so, restore the object or delete it",
      };
    default:
      return explainStatus(facts, service);
  }
}

function explainStatus(facts: FailureFacts, service: string): Explanation {
  if (facts.status === 403) {
    return {
      cause: "access was denied",
      fix: "give these credentials s3:GetObject, s3:PutObject, s3:PutObjectTagging, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucket on it",
    };
  }
  if (facts.status === 301) return { cause: "the bucket is in another region", fix: "set AWS_REGION to the bucket's" };
  if (facts.status === 429 || facts.status === 503) {
    return {
      cause: `${service} kept asking for fewer requests, in spite of waiting`,
      fix: "run the same command again later, with fewer workers",
    };
  }
  if (facts.status !== undefined && facts.status >= 500) {
    return { cause: `${service} kept failing, in spite of waiting`, fix: "run the same command again later" };
  }
  if (/^(DEPTH_ZERO_|SELF_SIGNED|CERT_|ERR_TLS|UNABLE_TO_)/.test(facts.code)) {
    return {
      cause: `the certificate of ${service} is not trusted`,
      fix: "set NODE_EXTRA_CA_CERTS to the certificate of whoever issued it",
    };
  }
  if (facts.status === undefined && isTransientFailure(facts)) {
    return { cause: `the connection to ${service} kept breaking`, fix: "check the network, then run the same command" };
  }
  return { cause: redact(facts.message), fix: "check the location, the credentials and the service" };
}

/** Takes out whatever looks like a key id, signature or token. */
function redact(text: string): string {
  return text
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, "<key id>")
    .replace(/(Signature|Credential|Token|Secret)(\s*[=:]\s*)\S+/gi, "$1$2<secret>")
    .replace(/[A-Za-z0-9+/=]{40,}/g, "<secret>");
}

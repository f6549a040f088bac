import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { checkpointTag } from "../../src/contract/object-keys.ts";
import { acknowledge } from "../acknowledge.ts";

export interface RecordBucketProps {
  readonly checkpointDays: number;
  /** Name of a bucket that is there already; what it has of rules stays. */
  readonly existingBucket?: string | undefined;
}

/** Claims are written anew every 20 s: what they were before is of no use for long. */
const oldVersionDays = 7;
const unfinishedUploadDays = 3;

/** Where records live; it stays when the stack is deleted. */
export class RecordBucket extends Construct {
  readonly bucket: s3.IBucket;

  constructor(scope: Construct, id: string, { checkpointDays, existingBucket }: RecordBucketProps) {
    super(scope, id);
    this.bucket =
      existingBucket === undefined
        ? this.createBucket(checkpointDays)
        : s3.Bucket.fromBucketName(this, "Bucket", existingBucket);
  }

  private createBucket(checkpointDays: number): s3.Bucket {
    const bucket = new s3.Bucket(this, "Bucket", {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { id: "unfinished-uploads", abortIncompleteMultipartUploadAfter: Duration.days(unfinishedUploadDays) },
        {
          id: "old-versions",
          noncurrentVersionExpiration: Duration.days(oldVersionDays),
          expiredObjectDeleteMarker: true,
        },
        {
          id: "checkpoints",
          tagFilters: { [checkpointTag.key]: checkpointTag.value },
          expiration: Duration.days(checkpointDays),
        },
      ],
    });
    acknowledge(bucket, {
      "AwsSolutions-S1":
        "Access logs need a second bucket and cost with each request; where they are wanted, CloudTrail's data events tell more.",
    });
    return bucket;
  }
}

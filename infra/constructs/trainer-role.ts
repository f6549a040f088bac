import * as iam from "aws-cdk-lib/aws-iam";
import type * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { acknowledge, wildcardFinding } from "../acknowledge.ts";

/** What trainers may do: read records and data sets, write records, give claims back, drop checkpoints. */
export class TrainerRole extends Construct {
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { bucket }: { readonly bucket: s3.IBucket }) {
    super(scope, id);
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com") });
    const written = ["experiments/*", "claims/*", "trials/*"].map((keys) => bucket.arnForObjects(keys));
    const removed = ["experiments/*", "claims/*"].map((keys) => bucket.arnForObjects(keys));
    const allow = (actions: string[], resources: string[]): boolean =>
      this.role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(["s3:ListBucket"], [bucket.bucketArn]);
    allow(["s3:GetObject"], [bucket.arnForObjects("*")]);
    // Checkpoints are tagged, so that old ones can be expired.
    allow(["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"], written);
    allow(["s3:DeleteObject"], removed);
    acknowledgeKeys(this.role, bucket, {
      "*": "Trainers read plans, weights and data sets of any experiment.",
      "experiments/*": "Records of whatever experiment is run.",
      "claims/*": "Claims on whatever trials are run.",
      "trials/*": "Ledger entries of whatever trials are run.",
    });
  }
}

/** Accepts that a role's permissions name keys of the bucket by what they begin with. */
export function acknowledgeKeys(role: iam.Role, bucket: s3.IBucket, reasons: Readonly<Record<string, string>>): void {
  acknowledge(
    role,
    Object.fromEntries(
      Object.entries(reasons).map(([keys, reason]) => [wildcardFinding(role, bucket.arnForObjects(keys)), reason]),
    ),
  );
}

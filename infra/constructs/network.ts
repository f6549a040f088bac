import { Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";

export interface NetworkProps {
  /** Zones by name, or how many. */
  readonly availabilityZones: readonly string[];
}

/** Public subnets that nothing can enter: instances reach AWS without a NAT gateway, which would cost while nothing runs. */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  /** Of the instances: no ingress at all. */
  readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { availabilityZones }: NetworkProps) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, "Vpc", {
      availabilityZones: [...availabilityZones],
      natGateways: 0,
      subnetConfiguration: [{ name: "instances", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 20 }],
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    this.securityGroup = new ec2.SecurityGroup(this, "Instances", {
      vpc: this.vpc,
      description: `Instances of ${Stack.of(this).stackName}: nothing comes in`,
      allowAllOutbound: true,
    });
    acknowledge(this.vpc, {
      "AwsSolutions-VPC7":
        "Flow logs cost by the gigabyte; nothing can enter, and the instances live for minutes and talk to AWS only.",
    });
  }
}

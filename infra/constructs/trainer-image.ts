import { fileURLToPath } from "node:url";
import * as ecr from "aws-cdk-lib/aws-ecr";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import * as ecs from "aws-cdk-lib/aws-ecs";
import { Construct } from "constructs";
import type { DeploymentConfig } from "../config.ts";

/** The container image that jobs run: built by `cdk deploy` from this checkout (hashed only when synthesised), or given. */
export class TrainerImage extends Construct {
  readonly image: ecs.ContainerImage;
  readonly uri: string;
  /** What tells one image from another: digest or tag, or the hash of what it is built from. */
  readonly identity: string;

  constructor(scope: Construct, id: string, { image }: Pick<DeploymentConfig, "image">) {
    super(scope, id);
    if (image === "build") {
      const asset = new DockerImageAsset(this, "Asset", {
        directory: fileURLToPath(new URL("../../", import.meta.url)),
        file: "Dockerfile.gpu",
        platform: Platform.LINUX_AMD64,
        buildArgs: { FLAVOUR: "gpu" },
      });
      this.image = ecs.ContainerImage.fromDockerImageAsset(asset);
      this.uri = asset.imageUri;
      this.identity = `asset:${asset.assetHash}`;
    } else {
      const repository = ecr.Repository.fromRepositoryName(this, "Repository", image.repository);
      this.image = ecs.ContainerImage.fromEcrRepository(repository, image.tagOrDigest);
      this.uri = repository.repositoryUriForTagOrDigest(image.tagOrDigest);
      this.identity = image.tagOrDigest;
    }
  }
}

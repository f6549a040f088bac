import {
  DescribeImagesCommand,
  ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";

/**
 * Whether an image is in its registry in ECR.
 * @param image `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>` or `…@sha256:…`
 * @throws Error if it is in another registry
 */
export async function hasEcrImage(image: string): Promise<boolean> {
  const [, registryId, region, repositoryName, imageTag, imageDigest] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)(?::([^@]+))?(?:@(sha256:.+))?$/.exec(image) ?? [];
  if (registryId === undefined || region === undefined || repositoryName === undefined)
    throw new Error(`${image} is not in ECR: it can't be looked for`);
  const id = imageDigest === undefined ? { imageTag: imageTag ?? "latest" } : { imageDigest };
  try {
    await new ECRClient({ region, maxAttempts: 4 }).send(
      new DescribeImagesCommand({ registryId, repositoryName, imageIds: [id] }),
    );
    return true;
  } catch (error) {
    if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException) return false;
    throw error;
  }
}

/** Folder where instances keep data sets for all containers that they run, and what it is in a container. */
export const dataOfHost = {
  hostPath: "/var/lib/nightsweep",
  containerPath: "/var/cache/nightsweep",
  /** User `node` of the image. */
  userId: 1000,
} as const;

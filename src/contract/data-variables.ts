/** Environment variables that say where data sets are: read by the command line and by trainer processes. */
export const dataVariables = {
  /** Folder with one subfolder for each data set that is known by name; absent = `~/.cache/nightsweep/datasets`. */
  folder: "NIGHTSWEEP_DATA",
} as const;

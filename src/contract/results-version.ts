/**
 * Raised by hand whenever a change makes the numbers of any trial differ: trials of an older version are then not
 * reused. A test pins the outcome of a small trial and says when this is due.
 */
export const resultsVersion = 1;

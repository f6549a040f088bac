/** Priorities of runs go from minus this to this; who says nothing has 0. */
export const maxPriority = 10;

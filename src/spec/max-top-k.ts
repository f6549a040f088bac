/** Top-k accuracies are recorded for k = 1 up to this; a file of its own, because command-line flags need it as well. */
export const maxTopK = 10;

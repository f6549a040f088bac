import { distance } from "fastest-levenshtein";

/**
 * Names that other frameworks or everyday language use, in lower case without separators, and what they are called
 * here. The first one that is possible at the place is meant.
 */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  act: ["activation"],
  averagepool: ["averagePooling2d"],
  averagepool2d: ["averagePooling2d"],
  avgpool: ["averagePooling2d"],
  avgpool2d: ["averagePooling2d"],
  batch: ["batchSize"],
  bce: ["binaryCrossentropy"],
  bias: ["useBias"],
  blocks: ["layers"],
  bs: ["batchSize"],
  channels: ["filters"],
  classweight: ["classWeights"],
  clipnorm: ["norm", "gradientClipping"],
  clipvalue: ["value", "gradientClipping"],
  conv: ["conv2d"],
  convolution: ["conv2d"],
  convolution2d: ["conv2d"],
  cores: ["workers"],
  cosineannealing: ["cosine"],
  cosinedecay: ["cosine"],
  cpus: ["workers"],
  crossentropy: ["sparseCategoricalCrossentropy"],
  crossentropyloss: ["sparseCategoricalCrossentropy"],
  dilation: ["dilationRate"],
  dir: ["folder"],
  directory: ["folder"],
  emamomentum: ["decay"],
  eps: ["epsilon"],
  exponentialdecay: ["exponential"],
  fc: ["dense"],
  fullyconnected: ["dense"],
  globalclipnorm: ["globalNorm", "gradientClipping"],
  he: ["heNormal"],
  iterations: ["steps"],
  jobs: ["workers"],
  kaiming: ["heNormal"],
  kaimingnormal: ["heNormal"],
  kaiminguniform: ["heUniform"],
  kernel: ["kernelSize"],
  ksize: ["kernelSize"],
  linear: ["dense", "linear"],
  lr: ["learningRate"],
  lrscheduler: ["learningRateSchedule"],
  maxepochs: ["epochs"],
  maxpool: ["maxPooling2d"],
  maxpool2d: ["maxPooling2d"],
  maxpooling: ["maxPooling2d"],
  maxsteps: ["steps"],
  milestones: ["epochs"],
  minlr: ["minimum"],
  mse: ["meanSquaredError"],
  nepochs: ["epochs"],
  neurons: ["units"],
  nodes: ["units"],
  normal: ["randomNormal"],
  numepochs: ["epochs"],
  optim: ["optimizer"],
  outchannels: ["filters"],
  outfeatures: ["units"],
  p: ["rate"],
  path: ["folder"],
  pool: ["poolSize", "maxPooling2d"],
  probability: ["rate"],
  processes: ["workers"],
  reducelronplateau: ["reduceOnPlateau"],
  replicates: ["seeds"],
  restorebestweights: ["restoreBest"],
  scheduler: ["learningRateSchedule"],
  sigma: ["stddev"],
  std: ["stddev"],
  test: ["evaluation"],
  numthreads: ["threads"],
  tmul: ["multiplier"],
  uniform: ["randomUniform"],
  useema: ["ema"],
  valacc: ["validationAccuracy"],
  valaccuracy: ["validationAccuracy"],
  validationsplit: ["validation"],
  valloss: ["validationLoss"],
  xavier: ["glorotUniform"],
  xaviernormal: ["glorotNormal"],
  xavieruniform: ["glorotUniform"],
};

/** Longer names are no typing mistakes, and comparing them would cost time. */
const maxComparedLength = 40;

/**
 * The known name that somebody probably meant: the same word, or the nearest in spelling.
 * @returns undefined if nothing is near
 */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  if (given.length > maxComparedLength) return undefined;
  const names = [...known];
  return sameWord(given, names) ?? nearestInSpelling(withoutSeparators(given), names);
}

/**
 * The known name that is the same but for case and separators (`learning_rate`), or is called so in another
 * framework (`lr`).
 * @returns undefined if there is none
 */
export function sameWord(given: string, known: readonly string[]): string | undefined {
  const plain = withoutSeparators(given);
  const same = known.find((name) => withoutSeparators(name) === plain);
  if (same !== undefined || !Object.hasOwn(synonyms, plain)) return same;
  return synonyms[plain]?.find((name) => known.includes(name));
}

function nearestInSpelling(plain: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  // One slip in short names, two in usual ones; a swap of neighbours counts as two.
  const allowed = plain.length <= 3 ? 1 : plain.length <= 10 ? 2 : 3;
  for (const name of names) {
    const word = withoutSeparators(name);
    const slips = distance(plain, word);
    if (slips > allowed) continue;
    // Of names that are equally near, one with the same letters is meant: `mxaval` is `maxval`, not `minval`.
    const counted = lettersOf(word) === lettersOf(plain) ? slips - 0.5 : slips;
    if (counted >= fewest) continue;
    nearest = name;
    fewest = counted;
  }
  return nearest;
}

function lettersOf(word: string): string {
  return word.split("").sort().join("");
}

function withoutSeparators(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

import type { BenchmarkHistory, NightConfiguration, NightDocument } from "../../record/night-document.ts";
import { groupBy } from "../group-by.ts";
import { judgeNights } from "./judge-nights.ts";
import type { NightFigures, NightPoint, NightRules, NightSeries, SeriesKey } from "./nightly-types.ts";

/**
 * The nights of a benchmark, sorted into series of what can be compared, and judged: a new data set, device, engine or
 * other seeds begin a new series; other code, images or hyper-parameters are what is judged.
 * @param metric name of a figure of the nights; nights without it are left out
 * @returns in order of first appearance
 */
export function seriesOf(
  { nights, acknowledgements }: BenchmarkHistory,
  metric: string,
  rules: NightRules,
): NightSeries[] {
  const acknowledged = new Map(acknowledgements.map(({ runId, reason }) => [runId, reason]));
  const own = nights.filter(({ confirms }) => confirms === undefined);
  const confirmations = groupBy(
    nights.filter(({ confirms }) => confirms !== undefined),
    ({ confirms }) => confirms,
  );
  const parts = own.flatMap((night) =>
    night.configurations.map((configuration) => ({ night, configuration, key: keyOf(night, configuration) })),
  );
  const groups = groupBy(parts, ({ key }) => JSON.stringify(key));
  return [...groups.values()].flatMap((group) => {
    const points = group.map(({ night, configuration }) =>
      pointOf(night, configuration, confirmations.get(night.runId) ?? [], metric),
    );
    const [first] = group;
    return first === undefined ? [] : [{ key: first.key, ...judgeNights(points, rules, acknowledged) }];
  });
}

/** What a configuration of a night can be compared with: keys are equal if their JSON is. */
function keyOf({ benchmark }: NightDocument, configuration: NightConfiguration): SeriesKey {
  const { plannedSeeds, device, dataSha256, engine } = configuration;
  return { benchmark, values: sortedValues(configuration), seeds: plannedSeeds, device, dataSha256, engine };
}

function sortedValues({ values }: NightConfiguration): NightConfiguration["values"] {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pointOf(
  { runId, date, circumstances }: NightDocument,
  configuration: NightConfiguration,
  confirmations: readonly NightDocument[],
  metric: string,
): NightPoint {
  const again = confirmations.flatMap((night) => confirmationOf(night, configuration, metric));
  const seeds = valuesOf(configuration, metric);
  const lacking = configuration.seeds.length - seeds.length;
  return {
    runId,
    date,
    configurationId: configuration.configurationId,
    circumstances,
    seeds,
    ...(again[0] === undefined ? {} : { confirmation: again[0] }),
    missing: lacking === 0 ? configuration.missing : [...configuration.missing, `${lacking} seeds have no ${metric}`],
  };
}

/** Only a confirming run whose seeds are all finished counts. */
function confirmationOf(night: NightDocument, suspect: NightConfiguration, metric: string): NightFigures[] {
  return night.configurations.flatMap((configuration) => {
    const isSame = configuration.configurationId === suspect.configurationId;
    const isComparable = configuration.device === suspect.device && configuration.engine === suspect.engine;
    const seeds = valuesOf(configuration, metric);
    const isComplete = seeds.length > 0 && seeds.length === configuration.plannedSeeds.length;
    return isSame && isComparable && isComplete ? [{ runId: night.runId, seeds }] : [];
  });
}

function valuesOf({ seeds }: NightConfiguration, metric: string): NightFigures["seeds"] {
  return seeds.flatMap(({ seed, figures }) => {
    const value = figures[metric];
    return value === undefined ? [] : [{ seed, value }];
  });
}

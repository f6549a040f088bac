import { scaleRange, sumRanges, type Range } from "./range.ts";
import type { InstancePrice, PriceFile } from "./price-file.ts";

/** What trials cost on one instance type. */
export interface InstanceCost {
  readonly type: string;
  readonly device: string;
  /** Computing time of all trials together, in hours. */
  readonly hours: Range;
  /** Whether every trial fits the instance's two memories, as far as they are estimated. */
  readonly fits: boolean;
  /** In the price file's currency. */
  readonly spot: Range;
  readonly onDemand: Range;
}

/**
 * What trials cost that run one after another on instances with one GPU. How many instances share them changes the
 * time until all is done, not the computing time; each instance is paid from its boot on, between one of them and as
 * many as there may be.
 * @param trialSeconds that of each trial on this instance's device
 */
export function estimateCost(
  trialSeconds: readonly Range[],
  instance: InstancePrice,
  options: { readonly prices: PriceFile; readonly fits: boolean },
): InstanceCost {
  const { bootMinutes, instancesAtOnce } = options.prices;
  const computing = scaleRange(sumRanges(trialSeconds), 1 / 3600);
  const boots = Math.min(trialSeconds.length, instancesAtOnce);
  const boot = bootMinutes / 60;
  const likelyBoots = Math.min(boots, Math.max(1, Math.ceil(computing.likely)));
  const paid: Range =
    trialSeconds.length === 0
      ? computing
      : {
          low: computing.low + boot,
          likely: computing.likely + likelyBoots * boot,
          high: computing.high + boots * boot,
        };
  const [lowest, highest] = instance.spotPerHour;
  return {
    type: instance.type,
    device: instance.device,
    hours: computing,
    fits: options.fits,
    spot: { low: paid.low * lowest, likely: (paid.likely * (lowest + highest)) / 2, high: paid.high * highest },
    onDemand: scaleRange(paid, instance.onDemandPerHour),
  };
}

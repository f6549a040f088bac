import { availableParallelism } from "node:os";
import { exitCodes } from "../contract/exit-codes.ts";
import { policyOf } from "../orchestrate/run-policy.ts";
import { workOf } from "../orchestrate/simulate/simulate-plan.ts";
import type { SimulationRequest } from "../orchestrate/simulate/simulate-run.ts";
import type { FleetOptions } from "../orchestrate/simulate/simulated-fleet.ts";
import type { PriceFile } from "../plan/outlook/price-file.ts";
import type { Plan } from "../plan/plan.ts";
import { CliError } from "./cli-error.ts";
import { loadPrices, loadSpeeds, localEngine, type OutlookFiles } from "./load-outlook.ts";

/** What a person says about the machines of a simulation. */
export interface SimulationFlags extends OutlookFiles {
  readonly instance: string;
  readonly instances?: number;
  readonly trialsPerInstance?: number;
  readonly onDemand?: true;
  readonly startDelay?: number;
  readonly reclaimsPerHour?: number;
  readonly failureRate: number;
  readonly divergenceRate: number;
  readonly storeErrorRate: number;
  readonly pricePerHour?: number;
}

/** What a simulation takes for granted, for those who read its answer. */
export interface Assumptions extends FleetOptions {
  readonly instance: string;
  readonly device: string;
  readonly pricePerHour: number;
  readonly divergenceRate: number;
  /** Whether the speed was measured, and the price held against the provider's list. */
  readonly isMeasured: boolean;
  readonly isPriceVerified: boolean;
}

/** How often a spot instance is taken away where nothing else is known: one in twenty an hour. */
const usualReclaimsPerHour = 0.05;

/**
 * The simulation of a plan on the machines that a person names.
 * @throws CliError if there is no such instance type, or no speed of its device
 */
export async function requestOf(
  plan: Plan,
  finished: ReadonlySet<string>,
  flags: SimulationFlags,
): Promise<{ readonly simulation: SimulationRequest; readonly assumptions: Assumptions }> {
  const { speeds } = await loadSpeeds(flags);
  const prices = await loadPrices(flags);
  const machine = flags.instance === "local" ? localMachine(plan) : cloudMachine(prices, flags);
  const isDevice = (speed: (typeof speeds)[number]): boolean =>
    machine.device === undefined ? speed.engine === localEngine : speed.device === machine.device;
  const speed = speeds.find(isDevice);
  if (speed === undefined)
    throw new CliError(exitCodes.missingInput, `the speed file has no figures of ${machine.device ?? localEngine}`);
  const fleet: FleetOptions = {
    instances: flags.instances ?? machine.instances,
    trialsPerInstance: flags.trialsPerInstance ?? machine.trialsPerInstance,
    startSeconds: flags.startDelay ?? machine.startSeconds,
    reclaimsPerHour: flags.reclaimsPerHour ?? machine.reclaimsPerHour,
    failureRate: flags.failureRate,
    storeErrorRate: flags.storeErrorRate,
  };
  const slots = fleet.instances * fleet.trialsPerInstance;
  const pricePerHour = flags.pricePerHour ?? machine.pricePerHour;
  const policy = policyOf(plan.run, slots, pricePerHour === undefined ? {} : { pricePerHour });
  const { divergenceRate } = flags;
  return {
    simulation: { work: workOf(plan, finished, speed), fleet, divergenceRate, policy },
    assumptions: {
      ...fleet,
      instance: flags.instance,
      device: speed.device,
      pricePerHour: policy.pricePerHour,
      divergenceRate,
      isMeasured: speed.isMeasured,
      isPriceVerified: flags.pricePerHour !== undefined || machine.device === undefined || prices.isVerified,
    },
  };
}

interface Machine {
  readonly device: string | undefined;
  readonly instances: number;
  readonly trialsPerInstance: number;
  readonly startSeconds: number;
  readonly reclaimsPerHour: number;
  readonly pricePerHour: number | undefined;
}

function localMachine(plan: Plan): Machine {
  const trialsPerInstance = plan.resources.workers ?? availableParallelism();
  return {
    device: undefined,
    instances: 1,
    trialsPerInstance,
    startSeconds: 0,
    reclaimsPerHour: 0,
    pricePerHour: undefined,
  };
}

function cloudMachine(prices: PriceFile, { instance, onDemand }: SimulationFlags): Machine {
  const found = prices.instances.find(({ type }) => type === instance);
  if (found === undefined) {
    const known = ["local", ...prices.instances.map(({ type }) => type)].join(", ");
    throw new CliError(exitCodes.usage, `there is no price of the instance type "${instance}"; known are ${known}`);
  }
  const [lowest, highest] = found.spotPerHour;
  return {
    device: found.device,
    instances: prices.instancesAtOnce,
    trialsPerInstance: 1,
    startSeconds: 60 * prices.bootMinutes,
    reclaimsPerHour: onDemand === true ? 0 : usualReclaimsPerHour,
    pricePerHour: onDemand === true ? found.onDemandPerHour : (lowest + highest) / 2,
  };
}

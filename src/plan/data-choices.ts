import type { Data } from "../spec/schema/data.ts";
import type { ExampleChoice, Validation } from "../spec/schema/subset.ts";

/**
 * What a `data:` section chooses besides the data set and the number of examples: the part of its identity that the
 * counts don't tell. Choices that mean what is done anyway are undefined, so they change no id.
 */
export function dataChoices({ subset, validation, scale, preprocess, augment }: Data) {
  return {
    trainSubset: drawnSubset(subset.train),
    testSubset: drawnSubset(subset.test),
    validation: validation && chosenValidation(validation),
    scale: scale === "unit" ? undefined : scale,
    preprocess: preprocess?.length === 0 ? undefined : preprocess,
    augment: augment?.length === 0 ? undefined : augment,
  };
}

function drawnSubset(choice: ExampleChoice | undefined): ExampleChoice | undefined {
  return choice && "first" in choice ? undefined : choice;
}

function chosenValidation(validation: Validation): unknown {
  if ("split" in validation) return validation;
  const { from, seed = 0 } = validation;
  if (from === "end") return undefined;
  return from === "start" ? { from } : { from, seed };
}

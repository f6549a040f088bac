import type { DocumentPath } from "./issue.ts";
import { blockUseOf, isMap, parameterOf } from "./schema/block-use.ts";
import { blockKey } from "./schema/expand-blocks.ts";
import { readAtPath } from "./sweep-path.ts";

/** Where something in an expanded architecture was written. */
export interface Origin {
  readonly path: DocumentPath;
  /** Where the parameter stands whose argument it is, if it is one. */
  readonly parameterPath?: DocumentPath;
}

/** A used block: what its parameters stand for, and where that was written. */
interface Frame {
  readonly args: unknown;
  readonly argsPath: DocumentPath;
  /** The block that the use itself stands in. */
  readonly outer: Frame | undefined;
}

interface Position {
  readonly value: unknown;
  readonly path: DocumentPath;
  readonly frame: Frame | undefined;
  readonly parameterPath?: DocumentPath;
}

/**
 * Finds where a place of an expanded architecture (see `expandBlocks`) was written: in the block's own lines, or at the
 * argument that was put in for a parameter.
 * @param model the `model:` section as written
 * @param path from there
 */
export function originOf(model: unknown, path: DocumentPath): Origin {
  let position: Position = { value: model, path: [], frame: undefined };
  for (const part of path) position = isUsedBlock(position, part) ? enterBlock(position, model) : step(position, part);
  const { path: origin, parameterPath } = position;
  return { path: origin, ...(parameterPath && { parameterPath }) };
}

/** Whether a part of the path is what `expandBlocks` has put in, not a key that somebody wrote. */
function isUsedBlock({ value }: Position, part: string | number): boolean {
  return part === blockKey && readAtPath(value, [part]) === undefined;
}

function step({ value, path, frame, parameterPath }: Position, part: string | number): Position {
  const inside = { value: readAtPath(value, [part]), path: [...path, part], frame };
  return lookUp(parameterPath === undefined ? inside : { ...inside, parameterPath });
}

/** Goes on to the argument if the value is a parameter, and to the argument's argument. */
function lookUp(position: Position): Position {
  const { value, path, frame } = position;
  const parameter = parameterOf(value);
  if (parameter === undefined || frame === undefined || !isMap(frame.args)) return position;
  if (!Object.hasOwn(frame.args, parameter)) return position;
  return lookUp({
    value: frame.args[parameter],
    path: [...frame.argsPath, parameter],
    frame: frame.outer,
    parameterPath: position.parameterPath ?? path,
  });
}

function enterBlock({ value, path, frame }: Position, model: unknown): Position {
  const use = blockUseOf(value, () => true);
  if (use === undefined) return { value: undefined, path, frame };
  const definition = ["blocks", use.name];
  return {
    value: readAtPath(model, definition),
    path: definition,
    frame: { args: use.given, argsPath: [...path, use.name], outer: frame },
  };
}

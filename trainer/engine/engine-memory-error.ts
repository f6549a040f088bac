/** The engine has no memory left for what it was asked to compute. */
export class EngineMemoryError extends Error {
  override readonly name = "EngineMemoryError";
}

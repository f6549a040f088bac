/** Data that can't be trained with, found only when their pixels were looked at. The message says how to mend it. */
export class DataError extends Error {
  override readonly name = "DataError";
}

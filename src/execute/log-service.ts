/** Reads what containers have printed. */
export interface LogService {
  /** All lines of a log stream, oldest first; undefined if there is no such stream: no container has printed anything. */
  read(group: string, stream: string): Promise<readonly string[] | undefined>;
}

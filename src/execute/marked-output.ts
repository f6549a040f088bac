/** A longer line without an end is passed on in pieces. */
const maxLineCharacters = 64 * 1024;
/** More than the length of any marker. */
const maxMarkerCharacters = 256;

interface Capture {
  readonly marker: string;
  readonly onText: (text: string) => void;
  readonly onMarker: () => void;
}

/**
 * One output stream of a worker, cut into attempts by the markers in it. Text is passed on in whole lines, so that
 * two streams can be mixed. What comes while no attempt is captured belongs to the next one.
 */
export class MarkedOutput {
  private pending = "";
  private current: Capture | undefined;
  private isBehindMarker = false;

  /** Passes text on until the marker comes. @returns a promise that resolves at the marker */
  capture(marker: string, onText: (text: string) => void): Promise<void> {
    return new Promise((resolve) => {
      this.current = { marker, onText, onMarker: resolve };
      this.passOn();
    });
  }

  /** Takes the next piece of the stream. */
  push(text: string): void {
    this.pending += text;
    this.dropMarkerLineEnd();
    this.passOn();
    if (this.current === undefined) this.pending = this.pending.slice(-maxLineCharacters);
  }

  /** Passes on what is left when the stream has ended. */
  end(): void {
    const rest = this.pending;
    this.pending = "";
    if (rest !== "") this.current?.onText(endLine(rest));
  }

  private passOn(): void {
    if (this.current === undefined) return;
    const { marker, onText, onMarker } = this.current;
    const position = this.pending.indexOf(marker);
    if (position < 0) return this.passOnLines(onText);
    const text = this.pending.slice(0, position);
    this.pending = this.pending.slice(position + marker.length);
    this.current = undefined;
    this.isBehindMarker = true;
    this.dropMarkerLineEnd();
    if (text !== "") onText(endLine(text));
    onMarker();
  }

  // It may come in the next piece.
  private dropMarkerLineEnd(): void {
    if (!this.isBehindMarker || this.pending === "") return;
    this.isBehindMarker = false;
    if (this.pending.startsWith("\n")) this.pending = this.pending.slice(1);
  }

  private passOnLines(onText: (text: string) => void): void {
    const lines = this.pending.lastIndexOf("\n") + 1;
    const isLong = this.pending.length - lines > maxLineCharacters;
    const length = isLong ? this.pending.length - maxMarkerCharacters : lines;
    if (length === 0) return;
    const text = this.pending.slice(0, length);
    this.pending = this.pending.slice(length);
    onText(text);
  }
}

function endLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

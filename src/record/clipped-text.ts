const leftOut = /\n… nightsweep left out (\d+) characters here …\n/;

/** A text that grows without end, of which the first and the last part are kept. */
export class ClippedText {
  private head = "";
  private tail = "";
  private leftOutCharacters = 0;
  private readonly partCharacters: number;

  /** @param maxCharacters how much is kept, half of it from each end */
  constructor(maxCharacters: number) {
    this.partCharacters = Math.floor(maxCharacters / 2);
  }

  /** A text that goes on from what `toString` gave. */
  static from(text: string, maxCharacters: number): ClippedText {
    const clipped = new ClippedText(maxCharacters);
    const gap = leftOut.exec(text);
    if (gap === null) {
      clipped.append(text);
    } else {
      clipped.head = text.slice(0, gap.index);
      clipped.leftOutCharacters = Number(gap[1]);
      clipped.appendToTail(text.slice(gap.index + gap[0].length));
    }
    return clipped;
  }

  append(text: string): void {
    const room = this.leftOutCharacters > 0 || this.tail !== "" ? 0 : this.partCharacters - this.head.length;
    this.head += text.slice(0, room);
    this.appendToTail(text.slice(room));
  }

  /** Appends a text that may be clipped itself, to the same length. */
  appendClipped(other: ClippedText): void {
    this.append(other.head);
    if (other.leftOutCharacters > 0) {
      this.leftOutCharacters += this.tail.length + other.leftOutCharacters;
      this.tail = "";
    }
    this.append(other.tail);
  }

  /** The text, with a line in the place of what was left out. */
  toString(): string {
    const surplus = this.tail.length - this.partCharacters;
    const count = this.leftOutCharacters + Math.max(0, surplus);
    if (count === 0) return this.head + this.tail;
    return `${this.head}\n… nightsweep left out ${count} characters here …\n${this.tail.slice(Math.max(0, surplus))}`;
  }

  // Cut only now and then: each cut copies the tail.
  private appendToTail(text: string): void {
    this.tail += text;
    if (this.tail.length <= 2 * this.partCharacters) return;
    this.leftOutCharacters += this.tail.length - this.partCharacters;
    this.tail = this.tail.slice(-this.partCharacters);
  }
}

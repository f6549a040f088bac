const maxCharacters = 2000;
const maxLines = 12;

/** Remembers the end of a text. */
export class LastLines {
  private text = "";

  append(text: string): void {
    this.text = (this.text + text).slice(-maxCharacters);
  }

  /** At most 12 lines and 2,000 characters. */
  toString(): string {
    return this.text.trimEnd().split("\n").slice(-maxLines).join("\n");
  }
}

import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Whether a stream shows colours: a person's terminal, unless `NO_COLOR` or `CI` is set. */
function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env["NO_COLOR"] && !process.env["CI"] && process.env["TERM"] !== "dumb";
}

/** A text in a style if the stream shows colours, else as it is. */
export function coloured(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? styleText(style, text) : text;
}

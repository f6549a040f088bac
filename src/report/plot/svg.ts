import { outlineText, type FontWeight } from "./vector-font.ts";

// All lengths are points, 1/72 inch: letters and lines have the size on paper that they are drawn with.

/** Black that is not too hard on white. */
export const ink = "#1a1a1a";
/** For what is beside the point. */
export const paleInk = "#5c5c5c";

/** How a text is set. */
export interface TextStyle {
  /** Default: 8. */
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: FontWeight;
  readonly color?: string;
  /** Degrees, counter-clockwise, about the text's position. */
  readonly rotate?: number;
}

/** The size of texts that nobody says a size of. */
export const textSize = 8;

/** How wide a text is. */
export function textWidth(text: string, { size = textSize, weight = "regular" }: TextStyle = {}): number {
  return outlineText(text, size, weight).width;
}

/** The longest beginning of a text that fits, with an ellipsis if it isn't the whole. */
export function fittedText(text: string, width: number, style: TextStyle = {}): string {
  if (textWidth(text, style) <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && textWidth(`${letters.join("")}…`, style) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** A text as outlines; as text, in whatever font there is, if it has letters that plots don't bring along. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = textSize, anchor = "start", weight = "regular", color = ink, rotate = 0 } = style;
  if (content === "") return "";
  const { width, outline } = outlineText(content, size, weight);
  const turn = rotate === 0 ? "" : ` rotate(${-rotate})`;
  const label = escapeXml(content);
  if (outline === undefined) {
    const bold = weight === "bold" ? ' font-weight="600"' : "";
    return `<text transform="translate(${short(x)} ${short(y)})${turn}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="${size}"${bold} text-anchor="${anchor}" fill="${color}">${label}</text>`;
  }
  const shift = anchor === "start" ? 0 : anchor === "end" ? -width : -width / 2;
  const place = `translate(${short(x)} ${short(y)})${turn}${shift === 0 ? "" : ` translate(${short(shift)} 0)`} scale(${size / 1000})`;
  return `<path aria-label="${label}" fill="${color}" transform="${place}" d="${outline}"/>`;
}

/** How lines and areas are drawn. */
export interface ShapeStyle {
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
  readonly dash?: string;
  readonly opacity?: number;
}

/** A straight line. */
export function line(from: readonly [number, number], to: readonly [number, number], style: ShapeStyle = {}): string {
  const [x1, y1] = from.map(short);
  const [x2, y2] = to.map(short);
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"${shape({ stroke: ink, width: 0.6, ...style })}/>`;
}

/** A line through points. */
export function polyline(points: readonly (readonly [number, number])[], style: ShapeStyle): string {
  return `<path d="${pathThrough(points)}"${shape({ fill: "none", width: 1, ...style })} stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** A filled area. */
export function polygon(points: readonly (readonly [number, number])[], style: ShapeStyle): string {
  return `<path d="${pathThrough(points)}z"${shape(style)}/>`;
}

/** A rectangle. */
export function rectangle(x: number, y: number, width: number, height: number, style: ShapeStyle): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"${shape(style)}/>`;
}

/** What tells points of several series apart without colour. */
export const markerShapes = ["circle", "square", "triangle", "diamond", "cross"] as const;

/** A point of a series. @param radius about half of its width */
export function marker(
  kind: (typeof markerShapes)[number],
  [x, y]: readonly [number, number],
  radius: number,
  style: ShapeStyle,
): string {
  const at = (points: readonly (readonly [number, number])[]) =>
    points.map(([dx, dy]) => [x + dx * radius, y + dy * radius] as const);
  switch (kind) {
    case "circle":
      return `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}"${shape(style)}/>`;
    case "square":
      return rectangle(x - 0.88 * radius, y - 0.88 * radius, 1.76 * radius, 1.76 * radius, style);
    case "triangle":
      return polygon(at([[0, -1.2], [1.1, 0.75], [-1.1, 0.75]]), style); // biome-ignore format: corners
    case "diamond":
      return polygon(at([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]), style); // biome-ignore format: corners
    case "cross":
      return ["-1 -1 1 1", "-1 1 1 -1"]
        .map((ends) => ends.split(" ").map(Number))
        .map(([x1 = 0, y1 = 0, x2 = 0, y2 = 0]) => {
          const [from, to] = at([[x1, y1], [x2, y2]]); // biome-ignore format: two ends
          return from && to ? line(from, to, { stroke: style.fill ?? style.stroke ?? ink, width: 1 }) : "";
        })
        .join("");
    default:
      throw new Error(`unknown marker ${String(kind satisfies never)}`);
  }
}

/** A finished drawing. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who can't see it. */
  readonly title: string;
  readonly description: string;
  readonly content: readonly string[];
}

/**
 * A drawing as a self-contained SVG file on white ground.
 * @param unit `pt`: it has its size on paper; `px`: a pixel a point, for what rasterises it at a resolution of its own
 */
export function renderSvg({ width, height, title, description, content }: Drawing, unit: "pt" | "px" = "pt"): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${short(width)}${unit}" height="${short(height)}${unit}" viewBox="0 0 ${short(width)} ${short(height)}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
<rect width="100%" height="100%" fill="#fff"/>
${content.filter((part) => part !== "").join("\n")}
</svg>
`;
}

function pathThrough(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${short(x)} ${short(y)}`).join("");
}

function shape({ fill, stroke, width, dash, opacity }: ShapeStyle): string {
  const attributes = {
    fill,
    stroke,
    "stroke-width": stroke === undefined ? undefined : width,
    "stroke-dasharray": dash,
    opacity,
  };
  return Object.entries(attributes)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${value}"`]))
    .join("");
}

/** Hundredths of a point are finer than any printer. */
function short(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Text inside of XML; characters that XML has no way to write are left out. */
function escapeXml(content: string): string {
  return content
    .replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

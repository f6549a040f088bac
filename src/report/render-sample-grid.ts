import { enlarge, pngDataUrl, type ShownImage } from "./encode-png.ts";

/** An image with what is written under it. */
export interface CaptionedImage {
  readonly image: ShownImage;
  readonly caption: string;
}

const imageSize = 112;
const gap = 12;
const captionHeight = 22;

/**
 * Images with captions in rows and columns, as the text of a self-contained SVG file: white ground, the images inside
 * it as PNG, enlarged by whole pixels. Cells that there is no image for stay empty.
 * @param columns images in a row
 */
export function renderSampleGrid(samples: readonly CaptionedImage[], columns: number): string {
  const rows = Math.ceil(samples.length / columns);
  const cell = { width: imageSize + gap, height: imageSize + captionHeight + gap };
  const width = columns * cell.width + gap;
  const height = rows * cell.height + gap;
  const cells = samples.map((sample, index) => {
    const x = gap + (index % columns) * cell.width;
    const y = gap + Math.floor(index / columns) * cell.height;
    return renderCell(sample, x, y);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<rect width="100%" height="100%" fill="#fff"/>
${cells.join("\n")}
</svg>
`;
}

function renderCell({ image, caption }: CaptionedImage, x: number, y: number): string {
  const factor = Math.max(1, Math.floor(imageSize / Math.max(image.height, image.width)));
  const text = escapeXml(caption);
  return [
    `<image x="${x}" y="${y}" width="${imageSize}" height="${imageSize}" href="${pngDataUrl(enlarge(image, factor))}"><title>${text}</title></image>`,
    `<text x="${x + imageSize / 2}" y="${y + imageSize + 16}" font-family="sans-serif" font-size="13" text-anchor="middle" fill="#222">${text}</text>`,
  ].join("\n");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/**
 * An SVG as the bytes of a PNG file of its own size. Texts that are not outlines need a font on this machine.
 * @param dpi makes 72 pixels of the SVG so many; default: one pixel is one pixel
 */
export async function rasteriseSvg(svg: string, dpi?: number): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  if (dpi === undefined) return sharp(Buffer.from(svg)).png().toBuffer();
  const image = sharp(Buffer.from(svg), { density: dpi, limitInputPixels: false });
  return image.flatten({ background: "#fff" }).withMetadata({ density: dpi }).png({ compressionLevel: 9 }).toBuffer();
}

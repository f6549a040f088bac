/** An SVG as the bytes of a PNG file of its own size. Texts need a font on this machine. */
export async function rasteriseSvg(svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(svg)).png().toBuffer();
}

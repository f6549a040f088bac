import { type Checked, refuse } from "./checked.ts";
import { type ImageCodec, loadImageCodec } from "./image-codec.ts";

/** What reads PNG and JPEG files, or why it can't be had. */
export async function openCodec(): Promise<Checked<ImageCodec>> {
  try {
    return { value: await loadImageCodec() };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    const message = `the npm package sharp, which reads PNG and JPEG files, can't be loaded (${reason})`;
    const fix = "run npm install where nightsweep is installed";
    return refuse({ code: "missing-package", file: "sharp", message, fix });
  }
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// East Asian wide and full-width blocks (Unicode UAX #11, the ranges that terminals agree on).
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const invisible = /^[\p{Mark}\p{Cf}]+$/u;

/**
 * How many columns of a terminal a text takes: 2 for East Asian wide characters and emoji, 0 for lone combining marks.
 * Control characters are not expected.
 */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (invisible.test(segment)) continue;
    width += wide.test(segment) ? 2 : 1;
  }
  return width;
}

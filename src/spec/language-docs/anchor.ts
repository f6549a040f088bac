/** The anchor of something inside what an anchor leads to: `training-optimizer` and `learningRate` in lower case. */
export function joinAnchor(anchor: string, name: string): string {
  const slug =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || sign(name);
  return anchor === "" ? slug : `${anchor}-${slug}`;
}

/** Keys without letters, as `<=`, by the codes of their characters. */
function sign(name: string): string {
  return Array.from(name, (character) => `u${character.codePointAt(0)?.toString(16)}`).join("");
}

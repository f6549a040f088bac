import { signal } from "@preact/signals";

/** The colours of the style sheet that a canvas needs as values. */
export interface ThemeColors {
  readonly muted: string;
  readonly line: string;
  readonly font: string;
  /** For configurations, in leaderboard order; used again from the start when they run out. */
  readonly series: readonly string[];
}

/** The current theme's colours; changes when the system switches between light and dark. */
export const themeColors = signal(readThemeColors());

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  themeColors.value = readThemeColors();
});

function readThemeColors(): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    muted: read("muted"),
    line: read("line"),
    font: read("sans"),
    series: Array.from({ length: 8 }, (_, index) => read(`series-${index}`)),
  };
}

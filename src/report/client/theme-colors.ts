import { signal } from "@preact/signals";

/** The colours of the style sheet that a canvas needs as values. */
export interface ThemeColors {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly raised: string;
  readonly accent: string;
  readonly bad: string;
  /** Of what is right or better, and of errors or worse. */
  readonly hit: string;
  readonly miss: string;
  readonly font: string;
  /** For configurations; used again from the start when they run out. */
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
    ink: read("ink"),
    muted: read("muted"),
    line: read("line"),
    surface: read("surface"),
    raised: read("raised"),
    accent: read("accent"),
    bad: read("bad"),
    hit: read("heat-hit"),
    miss: read("heat-miss"),
    font: read("sans"),
    series: Array.from({ length: 8 }, (_, index) => read(`series-${index}`)),
  };
}

/** The colour with a number, from the start again when they run out. */
export function seriesColor({ series }: ThemeColors, number: number): string {
  return series[number % series.length] ?? "#888888";
}

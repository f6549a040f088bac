import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { calibrationOf } from "../../../src/compare/calibration-of.ts";
import { compareRun } from "../../../src/compare/compare-run.ts";
import { confusionDiff } from "../../../src/compare/confusion-diff.ts";
import { confusionOf, type ConfusionTable } from "../../../src/compare/confusion-of.ts";
import { learningCurves } from "../../../src/compare/learning-curves.ts";
import { rasteriseSvg } from "../../../src/dataset/rasterise-svg.ts";
import { maxSeries, seriesStyle, sequentialColor } from "../../../src/report/plot/palette.ts";
import { plotCalibration } from "../../../src/report/plot/plot-calibration.ts";
import { plotConfusion, plotDifference } from "../../../src/report/plot/plot-confusion.ts";
import { plotCurves } from "../../../src/report/plot/plot-curves.ts";
import { plotImportance } from "../../../src/report/plot/plot-importance.ts";
import { plotLeaderboard } from "../../../src/report/plot/plot-leaderboard.ts";
import { plotPareto } from "../../../src/report/plot/plot-pareto.ts";
import { renderSvg, type Drawing } from "../../../src/report/plot/svg.ts";
import { sampleRecords } from "../sample-records.ts";

const records = sampleRecords();
const comparison = compareRun(records);
const width = 340;
const subtitle = "sample";
const ids = comparison.configurations.map(({ configurationId }) => configurationId);

function confusion(index: number, options: Parameters<typeof sampleRecords>[0] = {}): ConfusionTable {
  const sample = sampleRecords({ ...options, hasFailure: false });
  const configurationId = sample.plan.configurations[index]?.id;
  if (configurationId === undefined) throw new Error("the sample has no such configuration");
  return confusionOf(sample, { type: "configuration", configurationId });
}

function drawn(drawing: Drawing | undefined): string {
  if (drawing === undefined) throw new Error("nothing was drawn");
  return renderSvg(drawing);
}

/** The texts of a drawing: outlines carry theirs as labels. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/aria-label="([^"]*)"|<text[^>]*>([^<]*)</g)].map(([, label, text]) => label ?? text ?? "");
}

const curves = (changes: Partial<Parameters<typeof plotCurves>[0]> = {}): Drawing | undefined =>
  plotCurves({
    curves: learningCurves(records),
    configurationIds: ids,
    metric: "validationAccuracy",
    columns: comparison.columns,
    subtitle,
    width,
    isLogarithmic: false,
    ...changes,
  });

const importance = {
  metric: "validationAccuracy",
  trials: 24,
  explained: 0.12,
  fields: [
    { path: "training.optimizer.learningRate", share: 0.9, permutation: 0.8, sd: 0.1, rankCorrelation: -0.5 },
    { path: "model", share: 0.1, permutation: -0.02, sd: 0.05 },
  ],
} as const;

// 20 of 40 predictions that claim 60 % are right, 38 of 40 that claim 95 %: on average 5 points off.
const overconfident = calibrationOf([
  {
    seed: 1,
    predictions: {
      labels: new Uint16Array(80),
      predicted: Uint16Array.from({ length: 80 }, (_, index) => (index < 20 || index >= 78 ? 1 : 0)),
      confidences: Float32Array.from({ length: 80 }, (_, index) => (index < 40 ? 0.6 : 0.95)),
    },
  },
]);
const calibrations = [
  { name: "overconfident", calibration: overconfident },
  { name: "the same again", calibration: overconfident },
];

const front = { metric: "validationAccuracy", cost: "parameterCount", configurationIds: ids.slice(0, 1) } as const;

const drawings: readonly (readonly [string, () => Drawing | undefined])[] = [
  ["curves", () => curves()],
  ["curves on a logarithmic axis", () => curves({ metric: "trainLoss", isLogarithmic: true })],
  ["a leaderboard", () => plotLeaderboard({ comparison, metric: "testAccuracy", subtitle, width })],
  ["a confusion matrix", () => plotConfusion(confusion(0), { subtitles: [subtitle], width })],
  ["a difference", () => plotDifference(confusionDiff(confusion(0), confusion(3)), { subtitles: ["A", "B"], width })],
  ["calibration", () => plotCalibration(calibrations, { subtitle, width })],
  ["importance", () => plotImportance(importance, { subtitle, width })],
  ["a Pareto front", () => plotPareto(comparison, front, { subtitle, width })],
];

describe.each(drawings)("%s", (_, draw) => {
  const svg = drawn(draw());

  test("is well-formed SVG that needs nothing from elsewhere, fonts included", async () => {
    const { format, width: pixels } = await sharp(Buffer.from(svg)).metadata();

    expect([format, pixels]).toEqual(["svg", expect.any(Number)]);
    expect(svg).not.toMatch(/<text|href="(?!data:)|@import|font-family|<script|NaN|undefined|Infinity/);
  });

  test("has a title and a description, and no text outside of the drawing", () => {
    const edge = width + 0.5;
    const rights = [
      ...svg.matchAll(
        /aria-label="[^"]*" fill="[^"]*" transform="translate\(([-\d.]+) [-\d.]+\)( translate\(([-\d.]+) 0\))? scale/g,
      ),
    ];

    expect(svg).toMatch(/<title id="title">[^<]{10,}<\/title>\n<desc id="description">[^<]{10,}<\/desc>/);
    expect(rights.length).toBeGreaterThan(3);
    for (const [, x, , shift = "0"] of rights) {
      expect(Number(x) + Number(shift)).toBeGreaterThanOrEqual(-0.5);
      expect(Number(x) + Number(shift)).toBeLessThan(edge);
    }
  });

  test("as PNG has the size on paper at the resolution that was asked for", async () => {
    const drawing = draw();
    if (drawing === undefined) throw new Error("nothing was drawn");

    const png = await rasteriseSvg(renderSvg(drawing, "px"), 150);

    const facts = await sharp(png).metadata();
    expect(facts).toMatchObject({ format: "png", density: 150, hasAlpha: false });
    expect(Math.abs((facts.width ?? 0) - (width / 72) * 150)).toBeLessThanOrEqual(1);
  });
});

describe("what plots say", () => {
  test("a reliability curve alone has intervals, beside another one none; the legend has the calibration error", () => {
    const alone = drawn(plotCalibration(calibrations.slice(0, 1), { subtitle, width }));
    const both = drawn(plotCalibration(calibrations, { subtitle, width }));

    const countOf = (svg: string, shape: RegExp): number => svg.match(shape)?.length ?? 0;
    const uprights = /<line x1="([\d.]+)" y1="[\d.]+" x2="\1" y2="[\d.]+" stroke="#0072B2"/g;
    expect([countOf(alone, uprights), countOf(both, uprights)]).toEqual([2, 0]);
    expect(textsOf(alone)).toContain("overconfident: calibration error 5.00 %");
  });

  test("axes have their name and unit, the legend every configuration", () => {
    const texts = textsOf(drawn(curves()));

    expect(texts).toEqual(expect.arrayContaining(["validation accuracy (%)", "epoch", "1", "5"]));
    expect(texts.filter((text) => text.includes("learningRate"))).toHaveLength(4);
  });

  test("a logarithmic axis is marked in steps of 1, 2 and 5", () => {
    const texts = textsOf(drawn(curves({ metric: "trainLoss", isLogarithmic: true })));

    expect(texts).toEqual(expect.arrayContaining(["0.05", "0.1", "0.2"]));
  });

  test("the cells of a confusion matrix hold its counts, those with none are empty", () => {
    const table = confusion(0);
    const counts = table.counts.flat().filter((count) => count > 0);

    const texts = textsOf(drawn(plotConfusion(table, { subtitles: [], width })));

    for (const count of counts) expect(texts).toContain(String(count));
    const numbers = texts.filter((text) => /^\d{2,}$/.test(text) && Number(text) > 100);
    expect(numbers).toHaveLength(table.classNames.length);
  });

  test("importance that explains little says so", () => {
    expect(textsOf(drawn(plotImportance(importance, { subtitle, width }))).join(" ")).toContain(
      "R² = 0.12 of unseen ones; so little",
    );
  });

  test("nothing recorded is nothing drawn", () => {
    expect(curves({ metric: "testLoss" })).toBeUndefined();
  });
});

describe("matrices of many classes", () => {
  const classNames = Array.from({ length: 300 }, (_, index) => `class ${index}`);

  test("300 classes are one picture, with as many names as have room", () => {
    const svg = drawn(plotConfusion(confusion(0, { classNames, examplesPerClass: 20 }), { subtitles: [], width }));

    expect(svg.length).toBeLessThan(400_000);
    expect(svg.match(/<image /g)).toHaveLength(1);
    const names = textsOf(svg).filter((text) => text.startsWith("class "));
    expect(names.length).toBeGreaterThan(40);
    expect(names.length).toBeLessThan(100);
  });

  test("names in a script that plots have no letters of are written in a font of the machine", () => {
    const svg = drawn(plotConfusion(confusion(0, { classNames: ["猫", "<b>&", "犬"] }), { subtitles: [], width }));

    expect(svg).toMatch(/<text [^>]*font-family="Inter, Helvetica, Arial, sans-serif"[^>]*>猫<\/text>/);
    expect(svg).toContain('aria-label="&lt;b&gt;&amp;"');
  });
});

describe("colours", () => {
  const luminance = (red: number, green: number, blue: number): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

  test("of shares become darker with every step, so that they read in grey", () => {
    const steps = Array.from({ length: 21 }, (_, index) => luminance(...sequentialColor(index / 20)));

    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    expect(new Set(steps).size).toBe(21);
  });

  test("of series are never alone in telling them apart", () => {
    const looks = Array.from({ length: maxSeries }, (_, index) => {
      const { dash = "solid", marker } = seriesStyle(index);
      return `${dash} ${marker}`;
    });

    expect(new Set(looks).size).toBe(maxSeries);
  });
});

import type { Comparison, ConfigurationRow } from "../../compare/comparison.ts";
import type { ParetoCost, ParetoFront } from "../../compare/comparison-statistics.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { figureOf } from "../figures.ts";
import { linearAxis, logarithmicAxis } from "./axis.ts";
import { bottomMargin, drawFrame, drawHeading, leftMargin, type Frame } from "./frame.ts";
import { marker, paleInk, polyline, rectangle, text, textWidth, type Drawing, type TextStyle } from "./svg.ts";

const costLabels: Readonly<Record<ParetoCost, string>> = {
  meanSeconds: "training time of a trial (s)",
  parameterCount: "trained parameters",
  meanUsd: "cost of a trial ($)",
};
const costNames: Readonly<Record<ParetoCost, string>> = {
  meanSeconds: "training time",
  parameterCount: "number of parameters",
  meanUsd: "cost",
};
const frontColor = "#D55E00";
const otherColor = "#7f7f7f";
const nameStyle: TextStyle = { size: 7 };

interface Point {
  readonly cost: number;
  readonly value: number;
  readonly name: string;
  readonly isOnFront: boolean;
}

/** Ranked configurations by cost and figure, those that no other one beats in both joined by a line. */
export function plotPareto(
  comparison: Comparison,
  front: ParetoFront,
  { subtitle, width }: { readonly subtitle: string; readonly width: number },
): Drawing {
  const points = pointsOf(comparison, front);
  const { label } = figureOf(front.metric);
  const title = `${label} against ${costNames[front.cost]}`;
  const vertical = linearAxis(
    `${label} (%)`,
    points.map(({ value }) => value),
    { isPercent: true },
  );
  const horizontal = logarithmicAxis(
    costLabels[front.cost],
    points.map(({ cost }) => cost),
  );
  const heading = drawHeading(capitalised(title), [subtitle], width);
  const left = leftMargin(vertical);
  const area = { left, top: heading.height, width: width - left - 8, height: 0.6 * width };
  const frame = drawFrame(area, horizontal, vertical);
  const onFront = points.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.cost - b.cost);
  return {
    width,
    height: area.top + area.height + bottomMargin + 12,
    title,
    description: `Not beaten in both: ${onFront.map(({ name }) => name).join("; ")}.`,
    content: [
      ...heading.content,
      ...frame.content,
      polyline(staircase(onFront, frame), { stroke: frontColor, width: 0.9, dash: "3 2" }),
      ...nameFront(onFront, frame),
      ...points.filter(({ isOnFront }) => !isOnFront).map((point) => drawPoint(point, frame)),
      ...onFront.map((point) => drawPoint(point, frame)),
      text(
        2,
        area.top + area.height + bottomMargin + 7,
        "orange: nothing is both better and cheaper · grey: beaten · means over seeds",
        {
          size: 7,
          color: paleInk,
        },
      ),
    ],
  };
}

function pointsOf({ configurations, columns }: Comparison, { metric, cost, configurationIds }: ParetoFront): Point[] {
  const onFront = new Set(configurationIds);
  return configurations.flatMap((row: ConfigurationRow) => {
    const [spent, value] = [row[cost], row.metrics[metric]?.mean];
    if (row.rank === undefined || value === undefined || spent === undefined || spent <= 0) return [];
    const name = describeConfiguration(row.values, columns);
    return [{ cost: spent, value, name, isOnFront: onFront.has(row.configurationId) }];
  });
}

/** What a budget buys: it stays the same until the next better one can be paid. */
function staircase(onFront: readonly Point[], { x, y, area }: Frame): (readonly [number, number])[] {
  const corners = onFront.flatMap((point, index) => {
    const next = onFront[index + 1];
    const end = next === undefined ? area.left + area.width : x(next.cost);
    return [[x(point.cost), y(point.value)] as const, [end, y(point.value)] as const];
  });
  return corners;
}

function drawPoint({ cost, value, isOnFront }: Point, { x, y }: Frame): string {
  return isOnFront
    ? marker("diamond", [x(cost), y(value)], 2.6, { fill: frontColor })
    : marker("circle", [x(cost), y(value)], 2.2, { fill: "#ffffff", stroke: otherColor, width: 0.9 });
}

function capitalised(words: string): string {
  return words.replace(/^./, (letter) => letter.toUpperCase());
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Names above and left of the front, where nothing else can be, if there is room; best first, none over another. */
function nameFront(onFront: readonly Point[], { x, y, area }: Frame): string[] {
  const taken: Box[] = [];
  return [...onFront].reverse().flatMap(({ cost, value, name }) => {
    const length = textWidth(name, nameStyle);
    const box = (left: number, height: number): Box => ({ left, right: left + length, y: y(value) + height });
    const isFree = ({ left, right, y: height }: Box): boolean =>
      left > area.left && right < area.left + area.width + 6 && height > area.top && height < area.top + area.height;
    const place = [box(x(cost) - 5 - length, -4), box(x(cost) + 6, 9), box(x(cost) + 6, -5)].find(
      (candidate) => isFree(candidate) && !taken.some((other) => overlaps(candidate, other)),
    );
    if (place === undefined) return [];
    taken.push(place);
    const ground = rectangle(place.left - 1, place.y - 6, length + 2, 7.5, { fill: "#ffffff", opacity: 0.8 });
    return [ground + text(place.left, place.y, name, nameStyle)];
  });
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && Math.abs(a.y - b.y) < 8;
}

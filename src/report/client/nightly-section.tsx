import { useCallback, useMemo } from "preact/hooks";
import { percent, short } from "../number-formats.ts";
import type { NightlyHistory, NightlySeries, ReportedNight } from "../report-data.ts";
import type { Model } from "./model.ts";
import { scaleOf } from "./plot/axis.ts";
import { Chart, type Frame } from "./plot/chart.tsx";
import { themeColors, type ThemeColors } from "./theme-colors.ts";

const chartHeight = 320;
const dayMs = 86_400_000;

/** How a benchmark has come out night by night. */
export function NightlySection({ model }: { readonly model: Model }) {
  const { nightly } = model.data;
  if (nightly === undefined) return null;
  const format = nightly.isShare ? percent : short;
  return (
    <>
      {nightly.series.map((series) => (
        <div key={series.title}>
          <h3>{series.title}</h3>
          <NightChart series={series} metric={nightly.metric} format={format} />
          <NightTable series={series} gaps={nightly.gaps} format={format} />
        </div>
      ))}
    </>
  );
}

interface NightProps {
  readonly series: NightlySeries;
  readonly format: (value: number) => string;
}

function NightChart({ series, metric, format }: NightProps & { readonly metric: string }) {
  const { nights, segments } = series;
  const colors = themeColors.value;
  const axes = useMemo(() => {
    const values = nights.flatMap(({ seeds, limit }) => [...seeds, ...(limit === undefined ? [] : [limit])]);
    return {
      x: {
        scale: scaleOf(
          nights.map(({ date }) => dayOf(date)),
          false,
        ),
        label: "night",
        format: dateOf,
      },
      y: { scale: scaleOf(values, false, 0.08), label: metric, format },
    };
  }, [series, metric]);
  const draw = useCallback(
    (frame: Frame) => {
      drawLevels(frame, segments);
      drawLimits(frame, nights);
      for (const night of nights) drawNight(frame, night, colors);
    },
    [series, colors],
  );
  return (
    <figure class="card chart">
      <Chart
        height={chartHeight}
        label={`${metric} night by night; the figures are in the table below`}
        {...axes}
        draw={draw}
      />
      <figcaption class="key">
        <span>dot: mean of the seeds, thin line: lowest to highest seed; missing nights stay empty</span>
        <span>thick line: level between two changes; dashes: what a night may fall to</span>
      </figcaption>
    </figure>
  );
}

function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / dayMs;
}

function dateOf(day: number): string {
  return Number.isInteger(day) ? new Date(day * dayMs).toISOString().slice(0, 10) : "";
}

function drawLevels({ context, colors, x, y }: Frame, segments: NightlySeries["segments"]): void {
  context.strokeStyle = colors.accent;
  context.globalAlpha = 0.35;
  context.lineWidth = 5;
  context.beginPath();
  for (const { from, to, mean } of segments) {
    context.moveTo(x(dayOf(from) - 0.4), y(mean));
    context.lineTo(x(dayOf(to) + 0.4), y(mean));
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawLimits({ context, colors, x, y }: Frame, nights: readonly ReportedNight[]): void {
  context.strokeStyle = colors.muted;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  for (const { date, limit } of nights) {
    if (limit === undefined) continue;
    context.moveTo(x(dayOf(date) - 0.45), y(limit));
    context.lineTo(x(dayOf(date) + 0.45), y(limit));
  }
  context.stroke();
  context.setLineDash([]);
}

function drawNight({ context, x, y }: Frame, night: ReportedNight, colors: ThemeColors): void {
  const { date, mean, seeds, verdict } = night;
  const at = x(dayOf(date));
  const isBad = verdict === "regressed" || verdict === "suspect";
  context.strokeStyle = isBad ? colors.bad : colors.ink;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at, y(Math.min(...seeds)));
  context.lineTo(at, y(Math.max(...seeds)));
  context.stroke();
  if (mean === undefined) return;
  context.beginPath();
  context.arc(at, y(mean), isBad ? 5 : 3.5, 0, 7);
  context.fill();
}

function NightTable({ series, gaps, format }: NightProps & Pick<NightlyHistory, "gaps">) {
  const { title, nights } = series;
  const lines = [...nights, ...gapsAmong(nights, gaps)].sort((a, b) => (a.date < b.date ? 1 : -1));
  return (
    <div class="card scroll tall" tabIndex={0} role="region" aria-label={`Nights of ${title}`}>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">night</th>
            <th scope="col" class="right">
              mean
            </th>
            <th scope="col">verdict</th>
            <th scope="col">why</th>
            <th scope="col">commit</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ date, runId, mean, verdict, why, acknowledged, commit, commitUrl }) => (
            <tr key={`${date} ${runId}`}>
              <th scope="row">{date}</th>
              <td class="right">{mean === undefined ? "–" : format(mean)}</td>
              <td class={verdict === "regressed" || verdict === "suspect" ? "state-failed" : undefined}>{verdict}</td>
              <td class="wrap">
                {why}
                {acknowledged !== undefined && ` Taken as it is: ${acknowledged}`}
              </td>
              <td>
                {commitUrl === undefined ? (
                  (commit?.slice(0, 10) ?? "–")
                ) : (
                  <a href={commitUrl} rel="noreferrer">
                    {commit?.slice(0, 10)}
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Dates without a night, from the first night of a series on; one line for those that no night is between. */
function gapsAmong(nights: readonly ReportedNight[], gaps: NightlyHistory["gaps"]): ReportedNight[] {
  const isBetween = (from: string, to: string) => nights.some(({ date }) => from < date && date < to);
  const lines: { from: string; to: string; reason: string }[] = [];
  for (const { date, reason } of gaps) {
    const last = lines.at(-1);
    if (date < (nights[0]?.date ?? "")) continue;
    if (last === undefined || isBetween(last.to, date)) lines.push({ from: date, to: date, reason });
    else last.to = date;
  }
  return lines.map(({ from, to, reason }) => {
    const date = from === to ? from : `${from} to ${to}`;
    return { date, runId: "", seeds: [], verdict: "missing", why: reason };
  });
}

import { figureOf } from "../figures.ts";
import { grouped } from "../number-formats.ts";
import type { ReportData } from "../report-data.ts";

/** What was run and what came out, on one screen. */
export function Masthead({ data, isLive }: { readonly data: ReportData; readonly isLive: boolean }) {
  const { experiment, runId, notes } = data.comparison;
  return (
    <header class="masthead">
      <p class="kind">
        nightsweep report · run {runId}
        {isLive && <span class="live"> live</span>}
      </p>
      <h1>{experiment}</h1>
      {data.description !== null && <p class="description">{data.description}</p>}
      <p class="verdict">{data.verdict}</p>
      <dl class="tiles">
        {tilesOf(data).map(({ label, value, note, isBad }) => (
          <div key={label} class={isBad ? "tile bad" : "tile"}>
            <dt>{label}</dt>
            <dd>
              {value} {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <ul class="notes" aria-label="To know before trusting the figures">
          {notes.map(({ code, message }) => (
            <li key={code}>{message}</li>
          ))}
        </ul>
      )}
    </header>
  );
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  readonly isBad?: boolean;
}

function tilesOf({ comparison: { configurations, trialCounts } }: ReportData): Tile[] {
  const { planned, finished, failed, started, pending } = trialCounts;
  const figure = figureOf("testAccuracy");
  const best = configurations[0]?.metrics.testAccuracy;
  return [
    ...(best
      ? [
          {
            label: `Test accuracy${configurations.length > 1 ? " of the leader" : ""}`,
            value: figure.format(best.mean),
          },
        ]
      : []),
    { label: "Configurations", value: grouped(configurations.length) },
    { label: "Trials finished", value: grouped(finished), note: `of ${grouped(planned)}` },
    { label: "Trials failed", value: grouped(failed), isBad: failed > 0 },
    ...(started + pending > 0 ? [{ label: "Trials not finished", value: grouped(started + pending) }] : []),
  ];
}

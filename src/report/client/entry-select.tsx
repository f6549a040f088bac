import type { Entry, Model } from "./model.ts";
import { shortId } from "./picks.ts";

/** A longer list is no choice any more; others are chosen on the leaderboard. */
const maxOptions = 100;

interface EntrySelectProps {
  readonly model: Model;
  readonly label: string;
  readonly entry: Entry;
  /** Told the beginning of an id. */
  readonly onChange: (id: string) => void;
}

/** Chooses a configuration among the best ones. */
export function EntrySelect({ model, label, entry, onChange }: EntrySelectProps) {
  return (
    <label>
      {label}
      <select value={shortId(entry)} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {offeredEntries(model, entry).map((option) => (
          <option key={option.index} value={shortId(option)}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The best configurations, and the chosen one wherever it stands. */
function offeredEntries({ entries }: Model, chosen: Entry): Entry[] {
  const best = entries.slice(0, maxOptions);
  return best.includes(chosen) ? best : [...best, chosen];
}

import { EntrySelect } from "./entry-select.tsx";
import { trialAt, type Model } from "./model.ts";
import { shortId } from "./picks.ts";
import { trialText, type MatrixSubject } from "./subjects.ts";

interface SubjectSelectProps {
  readonly model: Model;
  readonly label: string;
  readonly subject: MatrixSubject;
  /** Told the text of an address. */
  readonly onChange: (text: string) => void;
}

/** Chooses a configuration, summed over its seeds, or one of its trials. */
export function SubjectSelect({ model, label, subject, onChange }: SubjectSelectProps) {
  const { entry } = subject;
  const trials = entry.trials.filter((trial) => model.counts.has(trial));
  const isTrial = subject.text.startsWith("trial.");
  const chosen = isTrial ? trialText(trialAt(model, subject.trials[0] ?? 0)) : "";
  return (
    <>
      <EntrySelect model={model} label={label} entry={entry} onChange={onChange} />
      {trials.length > 1 && (
        <label>
          {label === "Of" ? "Seeds" : `Seeds of ${label}`}
          <select
            value={chosen}
            onChange={({ currentTarget: { value } }) => onChange(value === "" ? shortId(entry) : value)}
          >
            <option value="">all {trials.length}, summed</option>
            {trials.map((index) => {
              const trial = trialAt(model, index);
              return (
                <option key={index} value={trialText(trial)}>
                  seed {trial.seed}
                </option>
              );
            })}
          </select>
        </label>
      )}
    </>
  );
}

import type { SubjectConfusion } from "../report-data.ts";

interface SubjectSelectProps {
  readonly label: string;
  readonly confusions: readonly SubjectConfusion[];
  /** Index into `confusions`. */
  readonly value: number;
  readonly onChange: (index: number) => void;
}

/** Chooses a configuration or a single trial. */
export function SubjectSelect({ label, confusions, value, onChange }: SubjectSelectProps) {
  const groups = [
    { title: "Configurations", type: "configuration" },
    { title: "Single trials", type: "trial" },
  ] as const;
  return (
    <label>
      {label}
      <select value={String(value)} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
        {groups.map(({ title, type }) => (
          <optgroup key={type} label={title}>
            {confusions.map((entry, index) =>
              entry.type === type ? (
                <option key={index} value={String(index)}>
                  {entry.label}
                </option>
              ) : null,
            )}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

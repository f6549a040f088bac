import type { Signal } from "@preact/signals";

interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly state: Signal<Value>;
  readonly options: readonly Option<Value>[];
}

/** One of a few options, all in sight. */
export function Choice<Value extends string>({ label, state, options }: ChoiceProps<Value>) {
  return (
    <Buttons
      label={label}
      options={options}
      isPressed={(value) => value === state.value}
      onPress={(value) => (state.value = value)}
    />
  );
}

interface TogglesProps {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly options: readonly Option<string>[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Any of a few options, all in sight. */
export function Toggles({ label, chosen, options, onChange }: TogglesProps) {
  const toggle = (value: string): void =>
    onChange(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return <Buttons label={label} options={options} isPressed={(value) => chosen.includes(value)} onPress={toggle} />;
}

interface ButtonsProps<Value extends string> {
  readonly label: string;
  readonly options: readonly Option<Value>[];
  readonly isPressed: (value: Value) => boolean;
  readonly onPress: (value: Value) => void;
}

function Buttons<Value extends string>({ label, options, isPressed, onPress }: ButtonsProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="options">
        {options.map(({ value, label }) => (
          <button key={value} type="button" aria-pressed={isPressed(value)} onClick={() => onPress(value)}>
            {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option<string>[];
  readonly onChange: (value: string) => void;
}

/** One of several options. */
export function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FlagProps {
  readonly label: string;
  readonly state: Signal<boolean>;
}

/** Something that is on or off. */
export function Flag({ label, state }: FlagProps) {
  return (
    <button type="button" aria-pressed={state.value} onClick={() => (state.value = !state.value)}>
      {label}
    </button>
  );
}

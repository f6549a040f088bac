import { batch, effect, signal, type Signal } from "@preact/signals";

/**
 * What a person has chosen, as signals that stand in the address: `#curves&sort=-testAccuracy&pick=1f3a,90bc`. A copied
 * address, the back button and a reload show the same view.
 */

interface Entry {
  /** Text for the address; undefined = as it is at first. */
  readonly write: () => string | undefined;
  /** Takes over a text from the address; undefined = as at first. */
  readonly read: (text: string | undefined) => void;
}

const entries = new Map<string, Entry>();

/** The section that is in the address. */
export const currentSection = signal("");

interface Codec<Value> {
  readonly toText: (value: Value) => string;
  /** Undefined if the text makes no sense. */
  readonly fromText: (text: string) => Value | undefined;
}

function addressed<Value>(key: string, initial: Value, { toText, fromText }: Codec<Value>): Signal<Value> {
  const state = signal(initial);
  const initialText = toText(initial);
  entries.set(key, {
    write: () => {
      const text = toText(state.value);
      return text === initialText ? undefined : text;
    },
    read: (text) => {
      const value = text === undefined ? undefined : fromText(text);
      // The same text as before is no change, or every step of the address would draw everything again.
      if (toText(value ?? initial) !== toText(state.peek())) state.value = value ?? initial;
    },
  });
  return state;
}

/** A text. */
export function textState(key: string, initial = ""): Signal<string> {
  return addressed(key, initial, { toText: (text) => text, fromText: (text) => text });
}

/** One of a few words. */
export function choiceState<Value extends string>(key: string, values: readonly Value[], initial: Value) {
  return addressed<Value>(key, initial, {
    toText: (value) => value,
    fromText: (text) => values.find((value) => value === text),
  });
}

/** A claim. */
export function flagState(key: string, initial = false): Signal<boolean> {
  return addressed(key, initial, { toText: (flag) => (flag ? "1" : "0"), fromText: (text) => text === "1" });
}

/** A number. */
export function numberState(key: string, initial: number): Signal<number> {
  return addressed(key, initial, {
    toText: String,
    fromText: (text) => (Number.isFinite(Number(text)) ? Number(text) : undefined),
  });
}

/** A list of words without commas. */
export function listState(key: string, initial: readonly string[] = []): Signal<readonly string[]> {
  return addressed<readonly string[]>(key, initial, {
    toText: (words) => words.join(","),
    fromText: (text) => text.split(",").filter((word) => word !== ""),
  });
}

/** Anything that has a text. */
export const customState = addressed;

/** Takes over what the address says. */
function readAddress(): void {
  const [section = "", ...rest] = location.hash.slice(1).split("&");
  const given = new URLSearchParams(rest.join("&"));
  batch(() => {
    currentSection.value = section;
    for (const [key, { read }] of entries) read(given.get(key) ?? undefined);
  });
}

/** The address of the present view. */
function writtenAddress(): string {
  const words = new URLSearchParams();
  for (const [key, { write }] of entries) {
    const text = write();
    if (text !== undefined) words.set(key, text);
  }
  const query = words.toString();
  return `#${currentSection.value}${query === "" ? "" : `&${query}`}`;
}

/** Reads the address now and whenever it changes, and keeps it up to date. To be called once. */
export function bindAddress(): void {
  readAddress();
  window.addEventListener("hashchange", readAddress);
  effect(() => {
    const address = writtenAddress();
    // Without a section and a choice nothing is written: the address stays as it was given.
    if (address === "#" && location.hash === "") return;
    if (address !== location.hash) history.replaceState(null, "", address);
  });
}

/** Shows a section, and puts it into the address and the history. */
export function goToSection(id: string): void {
  if (currentSection.peek() !== id) history.pushState(null, "", location.hash === "" ? "#" : location.hash);
  currentSection.value = id;
  document.getElementById(id)?.scrollIntoView();
  document.getElementById(`${id}-title`)?.focus({ preventScroll: true });
}

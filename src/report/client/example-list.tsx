import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { unpack } from "./block-source.ts";
import type { Entry, Model } from "./model.ts";

/** A test example to be shown. */
export interface ShownExample {
  readonly example: number;
  readonly text: string;
  readonly note: string;
}

/** At first; the rest is a click away. */
const firstCount = 24;

interface ExampleListProps {
  readonly model: Model;
  readonly examples: readonly ShownExample[];
  /** A configuration that numbers them so: pictures are of the test examples of the best one. */
  readonly entry: Entry;
}

/** Test examples, with their pictures where the report has them. */
export function ExampleList({ model, examples, entry }: ExampleListProps) {
  const hasAll = useSignal(false);
  const { configurations } = model.data.settings;
  const hasSameData = configurations[entry.index]?.data === configurations[0]?.data;
  const pictures = usePictures(model, hasSameData);
  const shown = hasAll.value ? examples : examples.slice(0, firstCount);
  return (
    <>
      <ul class="gallery" tabIndex={0} aria-label="Examples, scrolls">
        {shown.map(({ example, text, note }) => (
          <li key={example} class="wrong-answer">
            {pictures?.[example] !== undefined && <img src={pictures[example]} alt={`test example ${example}`} />}
            <span>{text}</span>
            <span class="truth">
              {note} · no. {example}
            </span>
          </li>
        ))}
      </ul>
      {pictures === undefined && examples.length > 0 && (
        <p class="hint">Without pictures, as data may be private: `nightsweep report --images` puts them in.</p>
      )}
      {shown.length < examples.length && (
        <button type="button" onClick={() => (hasAll.value = true)}>
          Show all {examples.length}
        </button>
      )}
    </>
  );
}

type Pictures = Readonly<Record<number, string>>;

/** Pictures by the number of their example; undefined if the report has none. */
function usePictures(model: Model, isWanted: boolean): Pictures | undefined {
  const pictures = useSignal<Pictures | undefined>(undefined);
  const entry = model.data.blocks.find(({ kind }) => kind === "pictures");
  useEffect(() => {
    if (!isWanted || !entry) return;
    void loadPictures(model, entry.name).then((found) => (pictures.value = found));
  }, [model, isWanted]);
  if (!isWanted || !entry) return undefined;
  return pictures.value ?? {};
}

async function loadPictures({ source }: Model, name: string): Promise<Pictures> {
  const found: Pictures = JSON.parse(new TextDecoder().decode(await unpack(await source.load(name))));
  return found;
}

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FilterBar } from "./filter-panel.tsx";
import { Masthead } from "./masthead.tsx";
import type { Model } from "./model.ts";
import { sections, type Section } from "./sections.ts";
import { currentSection, goToSection } from "./view-state.ts";

/** So many sections are in the page; the others follow one by one, so that the first one is there at once. */
const mountedCount = signal(1);

/** The whole report. @param isLive whether it changes while somebody looks */
export function App({ model, isLive = false }: { readonly model: Model; readonly isLive?: boolean }) {
  const shown = sections.filter(({ isShown }) => isShown(model));
  useMounting(shown);
  return (
    <div class="page">
      <a class="skip" href="#leaderboard" onClick={(event) => open(event, shown, "leaderboard")}>
        Skip to the leaderboard
      </a>
      <Masthead data={model.data} isLive={isLive} />
      <div class="top">
        <nav class="sections" aria-label="Sections">
          {shown.map(({ id, title }) => (
            <a key={id} href={`#${id}`} onClick={(event) => open(event, shown, id)}>
              {title}
            </a>
          ))}
        </nav>
        <FilterBar model={model} />
      </div>
      <main>
        {shown.map(({ id, title, hint, View }, index) => (
          <section key={id} id={id} aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`} tabIndex={-1}>
              {title}
            </h2>
            <p class="hint">{hint}</p>
            {index < mountedCount.value ? <View model={model} /> : <div class="pending" />}
          </section>
        ))}
      </main>
      <footer>
        Made by nightsweep.{" "}
        {model.data.blockFolder === undefined
          ? "Everything shown is inside this file; nothing is loaded from anywhere."
          : `What is shown is in this file and in the folder ${model.data.blockFolder} beside it: keep them together.`}
        {model.data.leftOut.length > 0 && ` Left out: ${model.data.leftOut.join(" ")}`}
      </footer>
    </div>
  );
}

/** Puts sections into the page one after another, and goes to the one in the address once it is there. */
function useMounting(shown: readonly Section[]): void {
  useEffect(() => {
    const wanted = shown.findIndex(({ id }) => id === currentSection.peek());
    if (wanted > 0) {
      mountedCount.value = wanted + 1;
      requestAnimationFrame(() => goToSection(currentSection.peek()));
    }
  }, []);
  useEffect(() => {
    if (mountedCount.value >= shown.length) return undefined;
    const timer = setTimeout(() => mountedCount.value++, 30);
    return () => clearTimeout(timer);
  }, [mountedCount.value, shown.length]);
}

function open(event: MouseEvent, shown: readonly Section[], id: string): void {
  event.preventDefault();
  // All above it must have their height, or the page would end up elsewhere.
  mountedCount.value = Math.max(mountedCount.value, shown.findIndex((section) => section.id === id) + 1);
  requestAnimationFrame(() => goToSection(id));
}

import type { Model } from "./model.ts";

/** Longer ones need the width of the page. */
const longValue = 200;

/** Where the figures came from. */
export function Provenance({ model: { data } }: { readonly model: Model }) {
  return (
    <div class="facts">
      {data.provenance.map(({ title, facts }) => (
        <div key={title} class={facts.some(({ value }) => value.length > longValue) ? "card wide" : "card"}>
          <h3>{title}</h3>
          <dl>
            {facts.flatMap(({ label, value }) => [
              <dt key={`${label} label`}>{label}</dt>,
              <dd key={label}>{value}</dd>,
            ])}
          </dl>
        </div>
      ))}
    </div>
  );
}

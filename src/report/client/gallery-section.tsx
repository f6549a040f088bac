import { grouped, percent } from "../number-formats.ts";
import type { Gallery, PredictedPicture } from "../report-data.ts";
import type { Model } from "./model.ts";

/** Pictures of the data, and what the best trial says about some of them. */
export function GallerySection({ model: { data } }: { readonly model: Model }) {
  const { gallery } = data;
  return gallery ? <Pictures gallery={gallery} /> : null;
}

function Pictures({ gallery }: { readonly gallery: Gallery }) {
  const { samples, random, wrong, wrongCount, trialId, trialSeed } = gallery;
  const trial = `trial ${trialId.slice(0, 8)}, seed ${trialSeed}`;
  return (
    <>
      <h3>First training examples</h3>
      <ul class="gallery">
        {samples.map(({ image, label }, index) => (
          <li key={index}>
            <img src={image} alt={`training example ${index}`} />
            <span>{label}</span>
          </li>
        ))}
      </ul>
      <h3>Random test examples, predicted by {trial}</h3>
      <Predictions pictures={random} />
      <h3>
        Mistakes: the {grouped(wrong.length)} it was surest of, of {grouped(wrongCount)}
      </h3>
      {wrong.length > 0 ? <Predictions pictures={wrong} /> : <p>There is none.</p>}
    </>
  );
}

function Predictions({ pictures }: { readonly pictures: readonly PredictedPicture[] }) {
  return (
    <ul class="gallery">
      {pictures.map(({ image, example, label, predicted, probability }) => (
        <li key={example} class={label === predicted ? "right-answer" : "wrong-answer"}>
          <img src={image} alt={`test example ${example}`} />
          <span>
            {label === predicted ? "✓" : "✗"} {predicted} {percent(probability)}
          </span>
          <span class="truth">
            {label === predicted ? "right" : `true: ${label}`} · no. {example}
          </span>
        </li>
      ))}
    </ul>
  );
}

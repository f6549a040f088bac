import type { ComponentChildren } from "preact";

/** A matrix and what is shown beside it, or below it if the matrix has many classes. */
export function MatrixLayout({
  classCount,
  children,
}: {
  readonly classCount: number;
  readonly children: ComponentChildren;
}) {
  return <div class={classCount > 14 ? "matrix-layout wide" : "matrix-layout"}>{children}</div>;
}

/** What the two colours of a matrix mean, and the figures that belong to it. */
export function MatrixKey({
  hit,
  miss,
  children,
}: {
  readonly hit: string;
  readonly miss: string;
  readonly children: ComponentChildren;
}) {
  return (
    <p class="key">
      <span>
        <span class="tone hit" />
        {hit}
      </span>
      <span>
        <span class="tone miss" />
        {miss}
      </span>
      <span>{children}</span>
    </p>
  );
}

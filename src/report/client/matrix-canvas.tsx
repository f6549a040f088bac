import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import type { MatrixViewProps } from "./matrix-cells.ts";
import { Canvas } from "./plot/canvas.tsx";
import { themeColors, type ThemeColors } from "./theme-colors.ts";

const side = 640;

/** A matrix of many classes as a picture; pointer and arrow keys tell each cell in words. */
export function MatrixCanvas({ caption, cells, chosen }: Omit<MatrixViewProps, "totals">) {
  const holder = useRef<HTMLDivElement>(null);
  const at = useSignal<readonly [row: number, column: number]>([0, 0]);
  const count = cells.length;
  const colors = themeColors.value;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) =>
      drawMatrix(context, cells, colors, Math.min(width, height)),
    [cells, colors],
  );
  const move = (rows: number, columns: number): void => {
    const clamp = (value: number): number => Math.min(count - 1, Math.max(0, value));
    at.value = [clamp(at.value[0] + rows), clamp(at.value[1] + columns)];
  };
  const point = (event: PointerEvent): void => {
    const box = holder.current?.getBoundingClientRect();
    if (!box) return;
    const cell = Math.min(box.width, side) / count;
    const place = (offset: number): number => Math.min(count - 1, Math.max(0, Math.floor(offset / cell)));
    at.value = [place(event.clientY - box.top), place(event.clientX - box.left)];
  };
  const choose = (): void => {
    chosen.value = at.value.join(".");
  };
  const description = cells[at.value[0]]?.[at.value[1]]?.description ?? "";
  return (
    <div class="card">
      <p class="key">{caption}. Rows: true, columns: predicted, in the order of the classes.</p>
      <div
        ref={holder}
        class="plot matrix-canvas"
        role="application"
        aria-label={`${caption}: matrix of ${count} classes, arrow keys move through it`}
        tabIndex={0}
        onPointerMove={point}
        onClick={choose}
        onKeyDown={(event) => {
          const step = steps[event.key];
          if (event.key === "Enter") choose();
          if (!step) return;
          event.preventDefault();
          move(...step);
        }}
      >
        <Canvas height={side} draw={draw} />
      </div>
      <p class="readout" aria-live="polite">
        {description}
      </p>
    </div>
  );
}

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function drawMatrix(
  context: CanvasRenderingContext2D,
  cells: MatrixViewProps["cells"],
  colors: ThemeColors,
  size: number,
): void {
  const cell = size / cells.length;
  context.fillStyle = colors.raised;
  context.fillRect(0, 0, size, size);
  cells.forEach((row, rowIndex) => {
    row.forEach(({ tone, level }, column) => {
      if (tone === "zero") return;
      context.globalAlpha = Math.max(0.15, level);
      context.fillStyle = tone === "hit" ? colors.hit : colors.miss;
      // Never thinner than a pixel: a single mistake among 1,000 classes must be seen.
      context.fillRect(column * cell, rowIndex * cell, Math.max(1, cell), Math.max(1, cell));
    });
  });
  context.globalAlpha = 1;
}

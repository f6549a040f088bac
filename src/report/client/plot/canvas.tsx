import { useEffect, useRef } from "preact/hooks";

interface CanvasProps {
  /** In CSS pixels. */
  readonly height: number;
  /** Draws everything; asked again when the size changes. */
  readonly draw: (context: CanvasRenderingContext2D, width: number, height: number) => void;
}

/** A canvas as wide as its place, as sharp as the screen. */
export function Canvas({ height, draw }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => paint(element, height, latest.current));
    observer.observe(element);
    return () => observer.disconnect();
  }, [height]);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, height, draw);
  }, [draw, height]);
  return <canvas ref={canvas} class="canvas" style={{ height: `${height}px` }} aria-hidden="true" />;
}

function paint(element: HTMLCanvasElement, height: number, draw: CanvasProps["draw"]): void {
  const width = element.clientWidth;
  const context = element.getContext("2d");
  if (width === 0 || !context) return;
  const ratio = devicePixelRatio;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  draw(context, width, height);
}

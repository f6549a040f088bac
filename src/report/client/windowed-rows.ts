import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Which rows are in the page, and how much room the others take. */
export interface RowWindow {
  readonly begin: number;
  readonly end: number;
  /** Pixels. */
  readonly before: number;
  readonly after: number;
}

/** Rows beyond the edges that are there already when somebody scrolls. */
const overscan = 12;
/** Before the first measurement. */
const assumedHeight = 800;

/** The rows of a scrolled list of equally high ones that are in sight, with some around them. */
export function useWindowedRows(scroller: RefObject<HTMLDivElement | null>, count: number, rowHeight: number) {
  const top = useSignal(0);
  const height = useSignal(assumedHeight);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => (height.value = element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // A filter may leave fewer rows than were scrolled past.
  const last = Math.max(0, count - Math.floor(height.value / rowHeight));
  const first = Math.min(last, Math.floor(top.value / rowHeight)) - overscan;
  // In steps: not every pixel of a scroll draws again.
  const begin = Math.max(0, Math.min(count, first - (first % 8)));
  const end = Math.min(count, begin + Math.ceil(height.value / rowHeight) + 2 * overscan + 8);
  const window: RowWindow = { begin, end, before: begin * rowHeight, after: (count - end) * rowHeight };
  return {
    window,
    onScroll: (): void => {
      const position = scroller.current?.scrollTop ?? 0;
      if (Math.abs(position - top.peek()) >= rowHeight || position === 0) top.value = position;
    },
  };
}

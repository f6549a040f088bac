import { MatrixCanvas } from "./matrix-canvas.tsx";
import type { MatrixViewProps } from "./matrix-cells.ts";
import { MatrixTable } from "./matrix-table.tsx";

/** More cells than this are too many elements for a page. */
const maxTableClasses = 60;

/** A class by class heat map: rows = true, columns = predicted. */
export function MatrixView(props: MatrixViewProps) {
  return props.classNames.length > maxTableClasses ? <MatrixCanvas {...props} /> : <MatrixTable {...props} />;
}

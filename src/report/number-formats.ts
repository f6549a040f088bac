/** A formatter with a fixed number of decimals: `0.98100`. Not-a-number and infinities are named. */
export function fixedDecimals(decimals: number): (value: number) => string {
  return (value) => (Number.isFinite(value) ? value.toFixed(decimals) : String(value));
}

/** A number with its sign: `+3.0`, `−1.7`, `0`. */
export function signed(value: number, decimals: number): string {
  if (isZero(value)) return "0";
  return `${value < 0 ? "−" : "+"}${fixedDecimals(decimals)(Math.abs(value))}`;
}

/** Whether a difference is nothing but rounding: thirds and halves of whole numbers don't cancel exactly. */
export function isZero(difference: number): boolean {
  return Math.abs(difference) < 1e-9;
}

/** A share 0…1 in percent with two decimals: `98.10 %`. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${(value * 100).toFixed(2)} %` : String(value);
}

/** A whole number with thin groups of three digits: `206 922`. The separator does not break lines. */
export function grouped(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A duration in its largest sensible unit: `0.8 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  // From 9.95 on, one decimal would round to two digits before the point.
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in binary units, as the experiment language counts memory: `187 MiB`. */
export function mebibytes(bytes: number): string {
  return Number.isFinite(bytes) ? `${grouped(bytes / 2 ** 20)} MiB` : String(bytes);
}

/** Bytes in decimal units, as stores count them: `54.4 kB`, `111 GB`. */
export function decimalBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return String(bytes);
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** A number of unknown size, short: four significant digits, exponent only where needed. */
export function short(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** A p value as papers print it: two significant digits, and `< 0.0001` below that. */
export function pValue(p: number): string {
  if (!(p >= 0.0001)) return Number.isNaN(p) ? "–" : "< 0.0001";
  return String(Number(p.toPrecision(2)));
}

/** A p value in a sentence: `p = 0.031`, `p < 0.0001`. */
export function pText(p: number): string {
  const text = pValue(p);
  return text.startsWith("<") ? `p ${text}` : `p = ${text}`;
}

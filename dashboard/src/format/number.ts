/** U+2212, the true minus: as wide as a digit, and read out as "minus". */
export const MINUS = '\u2212';
/** U+00A0: a value and its unit stay on one line. */
export const NBSP = '\u00a0';
/** What stands where there is no value. */
export const NOTHING = '\u2013';

/** A number with a fixed count of decimals and a true minus; negative zero is zero. */
export function formatNumber(value: number | null | undefined, decimals = 1): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** "−142.3 °C" */
export function formatTemp(value: number | null | undefined): string {
  const text = formatNumber(value, 1);
  return text === NOTHING ? text : `${text}${NBSP}°C`;
}

/** A limit says no more decimals than it has: "−150 °C", "2.5 °C". */
export function formatLimit(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return `${formatNumber(value, Number.isInteger(value) ? 0 : 1)}${NBSP}°C`;
}

/** "99.1 %"; never rounds an incomplete coverage up to 100. */
export function formatPercent(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const shown = value < 100 ? Math.min(Math.floor(value * 10) / 10, 99.9) : 100;
  return `${formatNumber(shown, shown === 100 ? 0 : 1)}${NBSP}%`;
}

/** "1 shipment", "3 shipments"; thousands are parted by a comma. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** "±0.5 °C" */
export function formatAccuracy(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : `±${formatNumber(value)}${NBSP}°C`;
}

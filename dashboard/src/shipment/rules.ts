import type { Rule } from '../api/types';
import { formatDuration } from '../format/duration';
import { formatLimit, formatNumber, NBSP } from '../format/number';

const CHANNEL_WORDS: Record<string, string> = {
  temp_c: 'product',
  ambient_c: 'outside air',
  tilt_deg: 'tilt',
  light_lx: 'light',
  shock_g: 'shock',
  lid_open: 'lid',
};

const UNITS: Record<string, string> = { tilt_deg: '°', light_lx: `${NBSP}lx`, shock_g: `${NBSP}g` };

const SHIPPER_WORDS: Record<string, string> = {
  ln2_dewar: 'LN2 dewar',
  dry_ice: 'Dry-ice box',
  refrigerated: `2–8${NBSP}°C box`,
};

function valueWords(channel: string, value: number): string {
  if (channel.endsWith('_c')) return formatLimit(value);
  return `${formatNumber(value, Number.isInteger(value) ? 0 : 1)}${UNITS[channel] ?? ''}`;
}

/** A one-sided limit in words: "product not above −150 °C for 10 min or longer". */
export function ruleWords(rule: Rule): string {
  const channel = rule.channel ?? 'temp_c';
  const limit =
    rule.above === null
      ? `not below ${valueWords(channel, rule.below ?? 0)}`
      : `not above ${valueWords(channel, rule.above)}`;
  const dwell = rule.dwell_s ? ` for ${formatDuration(rule.dwell_s)} or longer` : '';
  return `${CHANNEL_WORDS[channel] ?? channel.replaceAll('_', ' ')} ${limit}${dwell}`;
}

/** The kind of shipper as people say it. */
export const shipperWords = (kind: string): string =>
  SHIPPER_WORDS[kind] ?? kind.replaceAll('_', ' ');

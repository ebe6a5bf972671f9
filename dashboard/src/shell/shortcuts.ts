import { preferences } from '../state/preferences.svelte';

const TYPING = 'input, textarea, select, [contenteditable]';

/**
 * Runs `action` when exactly this key was pressed outside fields and dialogs, with no
 * modifier but shift. Single-key shortcuts can be switched off (WCAG 2.1.4).
 */
export function shortcut(event: KeyboardEvent, key: string, action: () => void): void {
  if (!preferences.shortcuts || event.key !== key) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  if (document.querySelector('dialog[open]')) return;
  event.preventDefault();
  action();
}

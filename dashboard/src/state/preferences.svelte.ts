export type Theme = 'system' | 'light' | 'dark';

const THEMES: Theme[] = ['system', 'light', 'dark'];

function recall(key: string): string | null {
  try {
    return localStorage.getItem(`unbroken.${key}`);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`unbroken.${key}`, value);
  } catch {
    // Storage refused: the choice holds until the page is closed.
  }
}

/** What a person chose on this device; nothing here leaves it. */
class Preferences {
  theme = $state<Theme>((recall('theme') as Theme | null) ?? 'system');
  shortcuts = $state(recall('shortcuts') !== 'off');
  private systemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);
  dark = $derived(this.theme === 'system' ? this.systemDark : this.theme === 'dark');

  start(): void {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
      this.systemDark = event.matches;
    });
    this.apply();
  }

  nextTheme(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'system';
    remember('theme', this.theme);
    this.apply();
  }

  setShortcuts(on: boolean): void {
    this.shortcuts = on;
    remember('shortcuts', on ? 'on' : 'off');
  }

  private apply(): void {
    if (this.theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.theme;
  }
}

export const preferences = new Preferences();

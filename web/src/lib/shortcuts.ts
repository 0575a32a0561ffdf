/**
 * Keyboard shortcuts. Components register keys while they are shown; `?` lists what is registered.
 * Single keys can be turned off in the profile (WCAG 2.1.4); `Ctrl K` always works.
 *
 * A combination is written as it is shown: `A`, `?`, `/`, `Enter`, `Esc`, `G H` (one after the other).
 */
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';

export interface Shortcut {
  keys: string;
  label: string;
  group: string;
  run: () => void;
}

const registered = new Set<Shortcut>();
const listeners = new Set<() => void>();
let snapshot: readonly Shortcut[] = [];
let enabled = true;
let prefix: string | undefined;
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

function publish(): void {
  snapshot = [...registered];
  for (const listener of listeners) listener();
}

export function setSingleKeys(on: boolean): void {
  enabled = on;
}

/** Registers a key while the component is shown. `enabled: false` keeps it out, for example without a right. */
export function useShortcut(
  keys: string,
  label: string,
  run: () => void,
  options: { group?: string; enabled?: boolean } = {},
): void {
  const { group = 'This page', enabled: on = true } = options;
  const call = useEffectEvent(run);
  useEffect(() => {
    if (!on) return;
    const shortcut: Shortcut = { keys, label, group, run: () => call() };
    registered.add(shortcut);
    publish();
    return () => {
      registered.delete(shortcut);
      publish();
    };
  }, [keys, label, group, on]);
}

export function useRegisteredShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => snapshot,
  );
}

const NAMES: Record<string, string> = { Escape: 'Esc', ' ': 'Space' };
const TYPING =
  'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"]';
/** Keys that a focused control uses itself. */
const OWN_KEYS: Record<string, string> = {
  Enter: 'a, button, summary, [role="menuitem"], [role="option"], [role="tab"]',
  Space: 'button, summary, input, [role="menuitem"], [role="option"], [role="tab"]',
};

/** Closed lists of choices stay in the page, hidden: only one that takes room is open. */
function isListOpen(): boolean {
  return [...document.querySelectorAll('[role="listbox"]')].some((list) => list.getClientRects().length > 0);
}

/** Whatever is open above the page has the keyboard to itself. */
const isCovered = () => document.querySelector('[role="dialog"], [role="menu"]') !== null || isListOpen();
/** Whether it was so when the key went down: Esc may have closed it on the way to us, and then does nothing more. */
let wasCovered = false;
const look = () => {
  wasCovered = isCovered();
};

/** Takes one key press; returns whether a shortcut ran. Exported for tests. */
export function handleKey(event: KeyboardEvent): boolean {
  if (!enabled || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return false;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest(TYPING)) return false;
  if (wasCovered || isCovered()) return false;
  const raw = NAMES[event.key] ?? event.key;
  const key = raw.length === 1 ? raw.toUpperCase() : raw;
  if (target?.closest(OWN_KEYS[key] ?? 'never')) return false;
  const combination = prefix ? `${prefix} ${key}` : key;
  const matches = snapshot.filter((shortcut) => shortcut.keys === combination);
  const starts = !prefix && snapshot.some((shortcut) => shortcut.keys.startsWith(`${key} `));
  clearTimeout(prefixTimer);
  prefix = undefined;
  // The one registered last is the innermost.
  const last = matches[matches.length - 1];
  if (last) {
    event.preventDefault();
    last.run();
    return true;
  }
  if (starts) {
    prefix = key;
    prefixTimer = setTimeout(() => {
      prefix = undefined;
    }, 1200);
  }
  return false;
}

/** Listens on the window; called once by the shell. */
export function listenForShortcuts(): () => void {
  window.addEventListener('keydown', look, true);
  window.addEventListener('keydown', handleKey);
  return () => {
    window.removeEventListener('keydown', look, true);
    window.removeEventListener('keydown', handleKey);
  };
}

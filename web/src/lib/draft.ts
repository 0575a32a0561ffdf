/** Typed text that must not be lost: kept in this browser until it is sent. */
import { useCallback, useState } from 'react';

const PREFIX = 'bridgewatch-draft:';

function read(name: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}

function write(name: string, text: string): void {
  try {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Without storage the text still lives on the page.
  }
}

/** The text, its setter, and what forgets it after it was sent. `name` is one place to type into. */
export function useDraft(name: string): [string, (text: string) => void, () => void] {
  const [state, setState] = useState(() => ({ name, text: read(name) }));
  // Another record on the same page has its own draft.
  const current = state.name === name ? state : { name, text: read(name) };
  if (current !== state) setState(current);
  const set = useCallback(
    (text: string) => {
      write(name, text);
      setState({ name, text });
    },
    [name],
  );
  const clear = useCallback(() => set(''), [set]);
  return [current.text, set, clear];
}

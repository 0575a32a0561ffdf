import { useLayoutEffect, useRef } from 'react';

/**
 * Gives what puts the caret of a field behind character `unit` (in UTF-16 units) once the text that is set with it
 * stands there. That is before the next key: in a later frame it would move the caret under whoever types on.
 */
export function useCaret(field: React.RefObject<HTMLTextAreaElement | null>) {
  const wanted = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    field.current?.focus();
    field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });
  return (unit: number) => {
    wanted.current = unit;
  };
}

import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';

interface Props<T> {
  items: readonly T[];
  /** Which one the buttons are for. */
  index: number;
  /** Given the list as it becomes. */
  onChange: (items: T[]) => void;
  /** What the buttons are called; without a name for the last one the line stays. */
  labels: { earlier: string; later: string; remove?: string };
  disabled: boolean;
}

/** What one line of an ordered list offers: a place earlier, a place later, and to go. */
export function OrderButtons<T>({ items, index, onChange, labels, disabled }: Props<T>) {
  const move = (to: number) => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(index, 1));
    onChange(next);
  };
  return (
    <>
      <ActionIcon
        variant="subtle"
        aria-label={labels.earlier}
        disabled={disabled || index === 0}
        onClick={() => move(index - 1)}
      >
        <IconArrowUp size={14} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        aria-label={labels.later}
        disabled={disabled || index === items.length - 1}
        onClick={() => move(index + 1)}
      >
        <IconArrowDown size={14} />
      </ActionIcon>
      {labels.remove && (
        <ActionIcon
          variant="subtle"
          aria-label={labels.remove}
          disabled={disabled}
          onClick={() => onChange(items.filter((_, at) => at !== index))}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </>
  );
}

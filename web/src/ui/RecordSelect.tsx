import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ChoiceSource } from '../lib/choices.ts';

interface Props extends Omit<SelectProps, 'data' | 'onChange' | 'value'> {
  /** Where the choices come from (`lib/choices.ts`). */
  source: ChoiceSource;
  value: string | null | undefined;
  onChange: (id: string | null, name: string | undefined) => void;
  /** Name of the present value, when it may not be among the first choices. */
  current?: { id: string; name: string } | null | undefined;
}

/** Chooses one record; the server is asked while one types. */
export function RecordSelect({ source, value, onChange, current, ...select }: Props) {
  const [text, setText] = useState('');
  const [term] = useDebouncedValue(text, 200);
  // Who may not choose needs no choices, and may not be allowed to read them.
  const found = useQuery({ ...source(term), enabled: !select.disabled });
  const data = [...(found.data ?? [])];
  if (current && value === current.id && !data.some((choice) => choice.value === current.id)) {
    data.unshift({ value: current.id, label: current.name });
  }
  const shown = data.find((choice) => choice.value === value)?.label;
  return (
    <Select
      searchable
      clearable
      nothingFoundMessage={found.isError ? 'The choices could not be loaded' : 'Nothing matches'}
      {...select}
      data={data}
      value={value ?? null}
      onChange={(id) => onChange(id, data.find((choice) => choice.value === id)?.label)}
      onSearchChange={(next) => setText(next === shown ? '' : next)}
    />
  );
}

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { peopleChoiceQuery } from './queries.ts';

interface Props {
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
  /** Who cannot be chosen, being in already. */
  exclude?: ReadonlySet<string>;
}

/** Finds a person on the server while one types. */
export function PersonChoice({ label, value, onChange, exclude }: Props) {
  const [text, setText] = useState('');
  const [term] = useDebouncedValue(text, 200);
  const people = useQuery({ ...peopleChoiceQuery(term), placeholderData: keepPreviousData });
  const found = (people.data?.items ?? []).filter(({ id, active }) => active && !exclude?.has(id));
  return (
    <Select
      aria-label={label}
      placeholder={label}
      data={found.map(({ id, name, email }) => ({ value: id, label: `${name}, ${email}` }))}
      value={value}
      onChange={onChange}
      onSearchChange={(next) => setText(next.split(',')[0] ?? '')}
      filter={({ options }) => options}
      nothingFoundMessage="Nobody matches"
      searchable
      clearable
    />
  );
}

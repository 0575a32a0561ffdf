import { Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import type { FieldBody } from '../api/types.ts';
import { peopleChoices, serviceChoices, teamChoices } from '../lib/choices.ts';

import { usePersonZone } from '../lib/time.ts';
import { fromLocal, toLocal } from '../lib/zoned.ts';
import { RecordSelect } from './RecordSelect.tsx';

interface Props {
  field: Pick<FieldBody, 'kind' | 'name' | 'description' | 'options' | 'number' | 'required'>;
  /** As the server has it; what is not filled in is null. */
  value: unknown;
  onChange: (value: unknown) => void;
  /** The record that the value names. */
  current?: { id: string; name: string } | undefined;
  error?: string | undefined;
  disabled?: boolean;
  /** Its name is written beside it already. */
  bare?: boolean;
  autoFocus?: boolean;
}

const RECORDS = { person: peopleChoices, team: teamChoices, service: serviceChoices };

/** The input for one custom field, by what it holds. */
export function FieldInput({
  field,
  value,
  onChange,
  current,
  error,
  disabled = false,
  bare = false,
  autoFocus,
}: Props) {
  const zone = usePersonZone();
  const shared = {
    ...(bare
      ? { 'aria-label': field.name }
      : { label: field.name, ...(field.description && { description: field.description }) }),
    error,
    disabled,
    required: field.required && !bare,
    ...(autoFocus && { 'data-autofocus': true, autoFocus: true }),
  };
  const text = typeof value === 'string' ? value : '';
  const typed = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value || null);
  // An option that is retired is offered only where it is chosen already.
  const chosen = new Set(Array.isArray(value) ? value : [value]);
  const options = (field.options ?? [])
    .filter(({ key, retired }) => !retired || chosen.has(key))
    .map(({ key, name, retired }) => ({ value: key, label: retired ? `${name} (retired)` : name }));
  switch (field.kind) {
    case 'text':
      return <TextInput {...shared} value={text} onChange={typed} />;
    case 'url':
      return <TextInput {...shared} type="url" inputMode="url" placeholder="https://" value={text} onChange={typed} />;
    case 'long_text':
      return <Textarea {...shared} value={text} onChange={typed} autosize minRows={2} maxRows={12} />;
    case 'number':
      return (
        <NumberInput
          {...shared}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : next === '' ? null : Number(next))}
          decimalScale={field.number?.decimals ?? 6}
          {...(field.number?.unit && { suffix: ` ${field.number.unit}` })}
          hideControls
        />
      );
    case 'date':
      return <TextInput {...shared} type="date" value={text} onChange={typed} />;
    case 'instant':
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          value={text ? toLocal(Date.parse(text), zone) : ''}
          onChange={(event) => onChange(fromLocal(event.currentTarget.value, zone)?.toISOString() ?? null)}
        />
      );
    case 'checkbox':
      return (
        <Checkbox
          {...(bare
            ? { 'aria-label': field.name }
            : { label: field.name, ...(field.description && { description: field.description }) })}
          error={error}
          disabled={disabled}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={options}
          value={text || null}
          onChange={onChange}
          clearable
          searchable={options.length > 8}
        />
      );
    case 'choices':
      return (
        <MultiSelect
          {...shared}
          data={options}
          value={Array.isArray(value) ? value : []}
          onChange={(keys) => onChange(keys.length > 0 ? keys : null)}
          clearable
          searchable={options.length > 8}
        />
      );
    case 'person':
    case 'team':
    case 'service':
      return (
        <RecordSelect
          {...shared}
          source={RECORDS[field.kind]}
          value={text || null}
          current={current ?? null}
          onChange={(id) => onChange(id)}
        />
      );
  }
}

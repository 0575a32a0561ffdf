import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { FieldOption } from '../../api/types.ts';
import { fieldKey } from '../../lib/fields.ts';
import { OrderButtons } from '../../ui/OrderButtons.tsx';

/** What can be chosen in a field, in its order. */
export function FieldOptions({
  options,
  stored,
  onChange,
  errors,
  disabled,
}: {
  options: readonly FieldOption[];
  /** Those that tickets may have: they are retired rather than removed. */
  stored: ReadonlySet<string>;
  onChange: (options: FieldOption[]) => void;
  errors: Record<string, string>;
  disabled: boolean;
}) {
  const change = (index: number, part: Partial<FieldOption>) =>
    onChange(options.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <fieldset className="stack" style={{ gap: 6 }}>
      <legend className="b">Options</legend>
      {options.map((option, index) => {
        const named = option.name || `option ${index + 1}`;
        const kept = stored.has(option.key);
        return (
          <div key={index} className="row" style={{ alignItems: 'flex-start', gap: 4 }}>
            <TextInput
              className="grow"
              aria-label={`Option ${index + 1}`}
              value={option.name}
              onChange={(event) => {
                const name = event.currentTarget.value;
                change(index, { name, ...(!kept && { key: fieldKey(name) }) });
              }}
              error={errors[`options[${index}].name`] ?? errors[`options[${index}].key`]}
              disabled={disabled}
            />
            {kept && (
              <Checkbox
                label="Retired"
                aria-label={`${named} is retired`}
                checked={option.retired ?? false}
                onChange={(event) => change(index, { retired: event.currentTarget.checked })}
                disabled={disabled}
                mt={6}
              />
            )}
            <OrderButtons
              items={options}
              index={index}
              onChange={onChange}
              labels={{
                earlier: `Move ${named} up`,
                later: `Move ${named} down`,
                ...(!kept && { remove: `Remove ${named}` }),
              }}
              disabled={disabled}
            />
          </div>
        );
      })}
      {errors.options && <p className="c-critical xs">{errors.options}</p>}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          disabled={disabled}
          onClick={() => onChange([...options, { key: '', name: '' }])}
        >
          Add an option
        </Button>
      </div>
    </fieldset>
  );
}

import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FieldBody, Ticket, TicketField } from '../../api/types.ts';
import { errorText, formErrors } from '../../lib/api.ts';
import { fieldsQuery, isFor, sentValue } from '../../lib/fields.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { FieldInput } from '../../ui/FieldInput.tsx';
import { SideSection } from '../../ui/SidePanel.tsx';
import { Moment } from '../../ui/Time.tsx';
import { useTicketEdit } from './queries.ts';
import classes from './Tickets.module.css';

/** A web address that can be opened without running anything. */
const isLink = (text: string) => /^https?:\/\//i.test(text);

function Shown({ held }: { held: Pick<TicketField, 'kind' | 'value' | 'text'> | undefined }) {
  if (!held) return <span className="t3">nothing</span>;
  if (held.kind === 'url' && isLink(held.text)) {
    return (
      <a href={held.text} target="_blank" rel="noreferrer noopener">
        {held.text.replace(/^https?:\/\//i, '')} <IconExternalLink size={12} aria-label="opens elsewhere" />
      </a>
    );
  }
  if (held.kind === 'instant' && typeof held.value === 'string') return <Moment at={held.value} />;
  return <span style={{ whiteSpace: 'pre-wrap' }}>{held.text}</span>;
}

interface LineProps {
  field: Pick<FieldBody, 'kind' | 'name' | 'description' | 'options' | 'number' | 'required'>;
  held: Pick<TicketField, 'kind' | 'value' | 'text' | 'refs'> | undefined;
  may: boolean;
  onSave: (value: unknown) => Promise<unknown>;
  /** The place of the server's refusal. */
  place: string;
}

/** One field: its value, and on a click its input. Enter saves a single line, Esc leaves it as it was. */
function Line({ field, held, may, onSave, place }: LineProps) {
  const [editing, setEditing] = useState(false);
  const [value, setValue] = useState<unknown>(null);
  const [error, setError] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const close = () => {
    setEditing(false);
    setError(undefined);
  };
  const begin = () => {
    setValue(held?.value ?? null);
    setEditing(true);
  };
  if (!editing) {
    return (
      <>
        <dt>{field.name}</dt>
        <dd className="row" style={{ alignItems: 'flex-start' }}>
          <span className="grow">
            <Shown held={held} />
          </span>
          {may && (
            <Button
              variant="subtle"
              size="compact-xs"
              aria-label={`${held ? 'Change' : 'Add'} ${field.name}`}
              onClick={begin}
            >
              {held ? 'Change' : 'Add'}
            </Button>
          )}
        </dd>
      </>
    );
  }
  return (
    <>
      <dt>{field.name}</dt>
      <dd>
        <form
          className="stack"
          style={{ gap: 6 }}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setSaving(true);
            onSave(sentValue(value))
              .then(close, setError)
              .finally(() => setSaving(false));
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              close();
            }
          }}
        >
          <FieldInput
            field={field}
            value={value}
            onChange={setValue}
            current={held?.refs?.[0]}
            error={error === undefined ? undefined : (formErrors(error)[place] ?? errorText(error))}
            bare
            autoFocus
          />
          {field.description && <p className="t3 xs">{field.description}</p>}
          <div className="row" style={{ gap: 6 }}>
            <Button type="submit" size="compact-xs" loading={saving}>
              Save
            </Button>
            <Button variant="default" size="compact-xs" onClick={close}>
              Leave it
            </Button>
          </div>
        </form>
      </dd>
    </>
  );
}

/** The due date and the custom fields of a ticket, changed where they stand. */
export function Fields({ ticket }: { ticket: Ticket }) {
  const defined = useQuery(fieldsQuery).data?.items ?? [];
  const values = ticket.fields ?? [];
  const edit = useTicketEdit(ticket);
  const may = findAction(ticket.actions, 'edit')?.allowed ?? false;
  const due = ticket.due_at;
  const here = defined.filter(
    ({ key, definition }) =>
      isFor(definition, ticket.project.id, ticket.kind) || values.some((value) => value.key === key),
  );
  const known = new Set(here.map(({ key }) => key));
  // A customer may see values of fields whose definitions they may not; those are shown and stay.
  const others = values.filter(({ key }) => !known.has(key));
  if (here.length + others.length === 0 && !due && !may) return null;
  return (
    <SideSection title="Fields">
      <dl className={`dl ${classes.fields}`}>
        {(due || may) && (
          <Line
            field={{ kind: 'instant', name: 'Due', required: false }}
            held={due ? { kind: 'instant', value: due, text: due } : undefined}
            may={may}
            place="due_at"
            onSave={(due_at) => edit.mutateAsync({ edit: { due_at: due_at as string | null } })}
          />
        )}
        {here.map(({ key, definition }) => (
          <Line
            key={key}
            field={definition}
            held={values.find((value) => value.key === key)}
            may={may}
            place={`fields.${key}`}
            onSave={(value) => edit.mutateAsync({ edit: { fields: { [key]: value } } })}
          />
        ))}
        {others.map((value) => (
          <Line
            key={value.key}
            field={{ kind: value.kind, name: value.name, required: false }}
            held={value}
            may={false}
            place=""
            onSave={() => Promise.resolve()}
          />
        ))}
      </dl>
    </SideSection>
  );
}

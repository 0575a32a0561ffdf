import { Button, Select, TextInput } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccessAnswer, Person, Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useMe } from '../../lib/session.ts';

/** "Can Ana do this, and why": answered by what the server itself decides by. */
export function AccessCheck({ person }: { person: Person }) {
  const me = useMe();
  const [permission, setPermission] = useState<string | null>('tickets:write');
  const [key, setKey] = useState('');
  const ask = useMutation({
    mutationFn: async () => {
      const ticket = key.trim() ? await api.get<Ticket>(`/tickets/${encodeURIComponent(key.trim())}`) : undefined;
      return api.get<AccessAnswer>(`/people/${person.id}/access`, {
        query: { permission, ...(ticket && { record_kind: 'ticket', record_id: ticket.id }) },
      });
    },
  });
  return (
    <form
      className="stack"
      aria-label={`What may ${person.name} do?`}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <h3 className="sb">What may {person.name} do?</h3>
      <Select
        label="Permission"
        data={[...me.permissions].sort()}
        value={permission}
        onChange={setPermission}
        searchable
        allowDeselect={false}
      />
      <TextInput
        label="On a ticket"
        description="Its key, such as INC-7; empty asks in general"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={ask.isPending} disabled={!permission}>
        Ask
      </Button>
      <div aria-live="polite">
        {ask.error && <p className="c-critical">{errorText(ask.error)}</p>}
        {ask.data && (
          <>
            <p className="sb">{ask.data.allowed ? 'Yes.' : 'No.'}</p>
            <ul className="stack" style={{ listStyle: 'none', margin: 0, padding: 0, gap: 4 }}>
              {ask.data.because.map(({ holds, text }) => (
                <li key={text} className="row" style={{ alignItems: 'flex-start' }}>
                  {holds ? (
                    <IconCheck size={16} aria-label="speaks for it" />
                  ) : (
                    <IconX size={16} aria-label="stands in the way" />
                  )}
                  <span>{text}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </form>
  );
}

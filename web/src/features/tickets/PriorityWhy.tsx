import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Priority, Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { worded } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { Why } from '../../ui/Why.tsx';
import { useTicketChange, useTicketEdit } from './queries.ts';
import { IMPACTS, PRIORITIES, URGENCIES } from './words.ts';

/** Why the priority is what it is, with what makes it, and the override with its reason. */
export function PriorityWhy({ ticket }: { ticket: Ticket }) {
  const edit = useTicketEdit(ticket);
  const [setting, setSetting] = useState(false);
  const [priority, setPriority] = useState<Priority>(ticket.priority);
  const [reason, setReason] = useState('');
  const override = useTicketChange(() => api.post<Ticket>(`/tickets/${ticket.id}/priority`, { priority, reason }));
  const drop = useTicketChange(() => api.delete<Ticket>(`/tickets/${ticket.id}/priority`));
  const mayEdit = findAction(ticket.actions, 'edit');
  useShortcut('P', 'Priority', () => setSetting(true), {
    enabled: findAction(ticket.actions, 'override_priority')?.allowed ?? false,
  });
  return (
    <>
      <Why label={`Why ${ticket.priority}`}>
        <div className="stack">
          <p>{ticket.priority_reason.text}</p>
          <div className="columns-2">
            <Select
              label="Impact"
              data={IMPACTS.map(({ value }) => ({ value, label: worded(value) }))}
              value={ticket.impact}
              onChange={(value) => {
                const impact = value as Ticket['impact'] | null;
                if (impact) edit.mutate({ edit: { impact }, foreseen: { impact } });
              }}
              disabled={!mayEdit?.allowed}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
            <Select
              label="Urgency"
              data={URGENCIES.map(({ value }) => ({ value, label: worded(value) }))}
              value={ticket.urgency}
              onChange={(value) => {
                const urgency = value as Ticket['urgency'] | null;
                if (urgency) edit.mutate({ edit: { urgency }, foreseen: { urgency } });
              }}
              disabled={!mayEdit?.allowed}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
          </div>
          <div className="row wrap">
            <ActionButton
              action={findAction(ticket.actions, 'override_priority')}
              onClick={() => {
                setPriority(ticket.priority);
                setSetting(true);
              }}
            >
              Set it by hand
            </ActionButton>
            {ticket.priority_reason.overridden && (
              <ActionButton
                action={findAction(ticket.actions, 'drop_priority')}
                loading={drop.isPending}
                onClick={() =>
                  drop.mutate(undefined, {
                    onSuccess: () => toastOk('The priority follows impact and urgency again'),
                    onError: (error) => toastError(error, 'The priority is unchanged'),
                  })
                }
              >
                Follow the matrix again
              </ActionButton>
            )}
          </div>
        </div>
      </Why>
      <Modal opened={setting} onClose={() => setSetting(false)} title="Set the priority by hand" centered size="sm">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            override.mutate(undefined, {
              onSuccess: () => {
                setSetting(false);
                setReason('');
              },
            });
          }}
        >
          <div className="row" role="radiogroup" aria-label="Priority">
            {PRIORITIES.map((each) => (
              <Button
                key={each}
                role="radio"
                aria-checked={priority === each}
                variant={priority === each ? 'light' : 'default'}
                px={8}
                onClick={() => setPriority(each)}
              >
                <PriorityPennant priority={each} />
              </Button>
            ))}
          </div>
          <Textarea
            label="Reason"
            description="Stands beside the priority for everybody who asks why."
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            autosize
            minRows={2}
            required
            data-autofocus
          />
          {override.isError && (
            <p className="c-critical" role="alert">
              {errorText(override.error)}
            </p>
          )}
          <div>
            <Button type="submit" loading={override.isPending} disabled={!reason.trim()}>
              Set {priority}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}

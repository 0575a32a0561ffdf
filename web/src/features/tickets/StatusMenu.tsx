import { Button, Menu, Modal, Select, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { Ticket, Transition } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useDraft } from '../../lib/draft.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { worded } from '../../lib/text.ts';
import { toastError } from '../../lib/toast.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { MentionField } from '../../ui/MentionField.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import { useTicketChange } from './queries.ts';

/** The step to another status; where a resolution is asked for, it is chosen first. */
export function StatusMenu({ ticket }: { ticket: Ticket }) {
  const [opened, setOpened] = useState(false);
  const [asking, setAsking] = useState<Transition>();
  const [resolution, setResolution] = useState<string | null>(null);
  const [comment, setComment, clearComment] = useDraft(`ticket-resolve:${ticket.id}`);
  const move = useTicketChange((body: { to: string; resolution?: string; comment?: string }) =>
    api.post<Ticket>(`/tickets/${ticket.id}/transition`, body),
  );
  const take = (transition: Transition) => {
    setOpened(false);
    if (transition.requires_resolution) {
      setResolution(transition.resolutions?.[0] ?? null);
      setAsking(transition);
    } else {
      move.mutate(
        { to: transition.to },
        { onError: (error) => toastError(error, `${ticket.key} stays ${ticket.status.name}`) },
      );
    }
  };
  const right = findAction(ticket.actions, 'transition');
  useShortcut('S', 'Status', () => setOpened(true), { enabled: ticket.transitions.length > 0 });
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={14} />}
            loading={move.isPending && !asking}
            aria-label={`Status: ${ticket.status.name}`}
            aria-keyshortcuts="S"
            title={right?.allowed === false ? (right.reason ?? undefined) : 'Change the status (S)'}
          >
            <TicketStatus status={ticket.status} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ticket.transitions.map((transition) => (
            <Menu.Item key={transition.to} disabled={!transition.allowed} onClick={() => take(transition)}>
              {transition.name}
              {!transition.allowed && <span className="xs t3"> {transition.reason}</span>}
            </Menu.Item>
          ))}
          {ticket.transitions.length === 0 && <Menu.Label>{ticket.status.name} is an end</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking !== undefined} onClose={() => setAsking(undefined)} title={asking?.name} centered size="sm">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!asking || !resolution) return;
            move.mutate(
              { to: asking.to, resolution, ...(comment.trim() && { comment }) },
              {
                onSuccess: () => {
                  clearComment();
                  setAsking(undefined);
                },
              },
            );
          }}
        >
          {asking?.resolutions?.length ? (
            <Select
              label="Resolution"
              data={asking.resolutions.map((value) => ({ value, label: worded(value) }))}
              value={resolution}
              onChange={setResolution}
              allowDeselect={false}
              required
            />
          ) : (
            <TextInput
              label="Resolution"
              value={resolution ?? ''}
              onChange={(event) => setResolution(event.currentTarget.value)}
              required
            />
          )}
          <MentionField
            label="Comment"
            description="Public: the reporter can read it."
            value={comment}
            onChange={setComment}
            autosize
            minRows={3}
            data-autofocus
          />
          {move.isError && (
            <p className="c-critical" role="alert">
              {errorText(move.error)}
            </p>
          )}
          <div>
            <Button type="submit" loading={move.isPending} disabled={!resolution}>
              {asking?.name}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}

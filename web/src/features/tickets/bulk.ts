/** The same change to many tickets: sent in parts, so that one sees how far it is and can stop. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Action, BulkChange, BulkOutcome, BulkTicket, Ticket, Transition } from '../../api/types.ts';
import { ApiError, api, errorText } from '../../lib/api.ts';
import { findAction } from '../../ui/ActionButton.tsx';

export interface BulkDone extends BulkOutcome {
  change: BulkChange;
  /** Those that were not reached, because somebody stopped it. */
  left: BulkTicket[];
}

/** How many tickets go in one request. */
const PART = 20;

/** One right over several tickets: allowed while at least one of them allows it. The others fail with their reason. */
export function commonAction(tickets: readonly Ticket[], name: string): Action {
  const all = tickets.map((ticket) => findAction(ticket.actions, name));
  const refused = all.find((action) => !action?.allowed);
  return { name, allowed: all.some((action) => action?.allowed), reason: refused?.reason ?? null };
}

export interface OfferedStep {
  name: string;
  /** How many of the tickets can take it. */
  count: number;
  requiresResolution: boolean;
  /** Those that every workflow with this step knows. */
  resolutions: string[];
}

/** The steps that the workflows of these tickets offer, by name, with how many can take them. */
export function stepsOf(tickets: readonly { transitions: readonly Transition[] }[]): OfferedStep[] {
  const steps = new Map<string, OfferedStep>();
  for (const { transitions } of tickets) {
    for (const { name, allowed, requires_resolution, resolutions } of transitions) {
      if (!allowed) continue;
      const known = steps.get(name);
      steps.set(name, {
        name,
        count: (known?.count ?? 0) + 1,
        requiresResolution: (known?.requiresResolution ?? false) || requires_resolution,
        resolutions: known
          ? known.resolutions.filter((each) => !requires_resolution || resolutions?.includes(each))
          : (resolutions ?? []),
      });
    }
  }
  return [...steps.values()];
}

export function useBulk() {
  const client = useQueryClient();
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const stopped = useRef(false);

  /** A change that the server refuses as a whole throws, before anything is changed; `onBegun` once it is not. */
  const run = async (tickets: readonly BulkTicket[], change: BulkChange, onBegun?: () => void): Promise<BulkDone> => {
    const outcome: BulkDone = { changed: [], unchanged: [], failed: [], left: [], change };
    stopped.current = false;
    setProgress({ done: 0, total: tickets.length });
    try {
      for (let at = 0; at < tickets.length; at += PART) {
        if (stopped.current) {
          outcome.left = tickets.slice(at);
          break;
        }
        const part = tickets.slice(at, at + PART);
        try {
          const answer = await api.post<BulkOutcome>('/tickets/bulk', { ids: part.map(({ id }) => id), change });
          outcome.changed.push(...answer.changed);
          outcome.unchanged.push(...answer.unchanged);
          outcome.failed.push(...answer.failed);
        } catch (error) {
          if (at === 0) throw error;
          const code = error instanceof ApiError ? error.code : 'unknown';
          outcome.failed.push(...part.map(({ id, key }) => ({ id, key, code, message: errorText(error) })));
        }
        if (at === 0) onBegun?.();
        setProgress({ done: Math.min(at + PART, tickets.length), total: tickets.length });
      }
    } finally {
      setProgress(undefined);
      void client.invalidateQueries({ queryKey: ['ticket'] });
    }
    return outcome;
  };
  const stop = () => {
    stopped.current = true;
  };
  return { run, stop, progress };
}

const tickets = (count: number) => (count === 1 ? 'one ticket' : `${count} tickets`);

/** `17 tickets changed, one ticket was so already`. */
export function outcomeText({ changed, unchanged, failed, left }: BulkDone): string {
  const parts = [
    changed.length > 0 && `${tickets(changed.length)} changed`,
    unchanged.length > 0 && `${tickets(unchanged.length)} ${unchanged.length === 1 ? 'was' : 'were'} so already`,
    failed.length > 0 && `${tickets(failed.length)} could not be changed`,
    left.length > 0 && `${tickets(left.length)} left as ${left.length === 1 ? 'it was' : 'they were'}`,
  ].filter((part) => part !== false);
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

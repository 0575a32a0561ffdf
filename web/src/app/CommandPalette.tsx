import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBell, IconBellRinging, IconKeyboard, IconSearch, IconStack2, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Alert, Ticket } from '../api/types.ts';
import { api, type Page } from '../lib/api.ts';
import { listKey } from '../lib/keys.ts';
import { useCan } from '../lib/session.ts';
import type { NavItem } from './nav.ts';

/** Alerts in whose texts the words begin. */
const wordsQuery = (term: string) => `text ~ "${term.replace(/["\\*]/g, ' ').trim()}*"`;
const TICKET_KEY = /^[a-z][a-z0-9]{1,9}-\d+$/i;

interface Props {
  groups: readonly { title: string; items: readonly NavItem[] }[];
  onHelp: () => void;
}

const FIELD = 'palette-field';
/** How long what is typed after Ctrl K waits for the field, in milliseconds. */
const OPENING = 1000;

/**
 * From Ctrl K on one types into the palette, also before its field is there: until then the page does not take the keys as
 * shortcuts, and the field gets them as if they had been typed into it, so that the first match is chosen, too.
 */
function useTypedAhead() {
  useEffect(() => {
    let openedAt: number | undefined;
    let typed = '';
    const inField = ({ target }: Event) => target instanceof Element && target.id === FIELD;
    const onKey = (event: KeyboardEvent) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!plain && event.key.toLowerCase() === 'k') {
        openedAt = inField(event) ? undefined : event.timeStamp;
        typed = '';
      } else if (openedAt !== undefined && (inField(event) || event.timeStamp - openedAt > OPENING)) {
        openedAt = undefined;
      } else if (openedAt !== undefined && plain && (event.key.length === 1 || event.key === 'Enter')) {
        event.preventDefault();
        event.stopPropagation();
        if (event.key.length === 1) typed += event.key;
      }
    };
    const onFocus = (event: FocusEvent) => {
      if (openedAt === undefined || !inField(event) || !(event.target instanceof HTMLInputElement)) return;
      openedAt = undefined;
      if (typed === '') return;
      const end = event.target.value.length;
      event.target.setRangeText(typed, end, end, 'end');
      event.target.dispatchEvent(new Event('input', { bubbles: true }));
    };
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('focusin', onFocus);
    return () => {
      window.removeEventListener('keydown', onKey, true);
      window.removeEventListener('focusin', onFocus);
    };
  }, []);
}

/** Ctrl K: screens, commands, and tickets and alerts that match what is typed. */
export function CommandPalette({ groups, onHelp }: Props) {
  const router = useRouter();
  const [text, setText] = useState('');
  useTypedAhead();
  const [term] = useDebouncedValue(text.trim(), 200);
  const searching = term.length >= 2;
  const mayAlerts = useCan('alerts:read');
  const tickets = useQuery({
    queryKey: listKey('ticket', 'jump', term),
    queryFn: ({ signal }) => api.get<Page<Ticket>>('/tickets', { query: { text: term, limit: 6 }, signal }),
    enabled: searching,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const alerts = useQuery({
    queryKey: listKey('alert', 'jump', term),
    queryFn: ({ signal }) => api.get<Page<Alert>>('/alerts', { query: { query: wordsQuery(term), limit: 6 }, signal }),
    enabled: searching && mayAlerts,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const go = (to: string) => () => void router.navigate({ to });

  const found: SpotlightActionGroupData[] = [];
  if (TICKET_KEY.test(term)) {
    const key = term.toUpperCase();
    found.push({
      group: 'Open',
      actions: [
        {
          id: `open-${key}`,
          label: `Ticket ${key}`,
          leftSection: <IconStack2 size={16} />,
          onClick: go(`/tickets/${key}`),
        },
      ],
    });
  }
  if (searching && tickets.data?.items.length) {
    found.push({
      group: 'Tickets',
      actions: tickets.data.items.map(({ id, key, summary, status }) => ({
        id,
        label: `${key} ${summary}`,
        description: status.name,
        // Found by the server, so the list's own filter must keep it.
        keywords: term,
        leftSection: <IconStack2 size={16} />,
        onClick: go(`/tickets/${key}`),
      })),
    });
  }
  if (searching && alerts.data?.items.length) {
    found.push({
      group: 'Alerts',
      actions: alerts.data.items.map(({ id, tiny_id, message, status }) => ({
        id,
        label: `#${tiny_id} ${message}`,
        description: status,
        keywords: term,
        leftSection: <IconBellRinging size={16} />,
        onClick: go(`/alerts/${id}`),
      })),
    });
  }

  const screens: SpotlightActionGroupData[] = groups.map(({ title, items }) => ({
    group: title,
    actions: items.map(({ to, label, icon: Icon, key }) => ({
      id: to,
      label,
      leftSection: <Icon size={16} />,
      rightSection: <span className="t3 xs">G {key}</span>,
      onClick: go(to),
    })),
  }));
  const commands: SpotlightActionGroupData = {
    group: 'You',
    actions: [
      {
        id: 'notifications',
        label: 'Your notifications',
        leftSection: <IconBell size={16} />,
        rightSection: <span className="t3 xs">G N</span>,
        onClick: go('/me/notifications'),
      },
      { id: 'me', label: 'Profile and what you are told', leftSection: <IconUser size={16} />, onClick: go('/me') },
      { id: 'keys', label: 'Keyboard shortcuts', leftSection: <IconKeyboard size={16} />, onClick: onHelp },
    ],
  };
  return (
    <Spotlight
      shortcut={['mod + K']}
      tagsToIgnore={[]}
      query={text}
      onQueryChange={setText}
      actions={[...found, ...screens, commands]}
      nothingFound="Nothing matches. Try a ticket key, words of a summary, or the name of a screen."
      highlightQuery
      scrollable
      maxHeight={460}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: 'Search tickets and alerts, or jump to a screen',
        'aria-label': 'Search or jump to',
        id: FIELD,
      }}
    />
  );
}

import { ActionIcon } from '@mantine/core';
import {
  IconAlertTriangle,
  IconAt,
  IconBell,
  IconClockX,
  IconMailOpened,
  IconMessage,
  IconPoint,
  IconProgress,
  IconUserCheck,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Notice } from '../api/types.ts';
import classes from './NoticeLine.module.css';
import { RichText } from './RichText.tsx';
import { RelativeTime } from './Time.tsx';

const GLYPHS: Record<string, { Icon: typeof IconBell; tone?: string }> = {
  assigned: { Icon: IconUserCheck },
  mentioned: { Icon: IconAt },
  commented: { Icon: IconMessage },
  status_changed: { Icon: IconProgress },
  sla_warned: { Icon: IconAlertTriangle, tone: 'm-warn' },
  sla_breached: { Icon: IconClockX, tone: 'm-critical' },
};

/** Where the record of a notification is; nothing for kinds without a screen, and for what one lost sight of. */
export function addressOf({ kind, id, key }: Notice['record']): string | undefined {
  if (kind === 'ticket') return key ? `/tickets/${key}` : undefined;
  return kind === 'alert' ? `/alerts/${id}` : undefined;
}

interface Props {
  notice: Notice;
  onOpen: () => void;
  onMark: (read: boolean) => void;
}

/** One notification: what happened, what was written, why one is told. Opening the record reads it. */
export function NoticeLine({ notice, onOpen, onMark }: Props) {
  const { Icon, tone } = GLYPHS[notice.event] ?? { Icon: IconBell };
  const to = addressOf(notice.record);
  const unread = !notice.read_at;
  return (
    <div className={classes.line} data-unread={unread || undefined}>
      <span className={`${classes.glyph} ${tone ?? ''}`}>
        <Icon size={17} stroke={1.75} aria-hidden="true" />
      </span>
      <div className={classes.body}>
        <div className={classes.title}>
          {unread && <span className="vh">Unread: </span>}
          {to ? (
            <Link to={to} onClick={onOpen} data-notice>
              {notice.title}
            </Link>
          ) : (
            <span className="t2">{notice.title}</span>
          )}
        </div>
        {to && <p className="t2 cut">{notice.record.title}</p>}
        {notice.text && <RichText className={classes.text} text={notice.text} />}
        <p className="t3 xs">
          <RelativeTime at={notice.at} /> · {notice.why}
        </p>
      </div>
      <ActionIcon
        className={classes.mark}
        aria-label={`${unread ? 'Mark as read' : 'Mark as unread'}: ${notice.title}`}
        title={unread ? 'Mark as read' : 'Mark as unread'}
        onClick={() => onMark(unread)}
      >
        {unread ? <IconPoint size={22} className={classes.dot} /> : <IconMailOpened size={16} />}
      </ActionIcon>
    </div>
  );
}

import { IconInbox } from '@tabler/icons-react';
import classes from './States.module.css';

interface Props {
  /** What belongs here. */
  title: string;
  /** Why nothing does. */
  children?: React.ReactNode;
  /** The one thing to do about it. */
  action?: React.ReactNode;
  icon?: React.ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: 'true' }>;
  /** In red: emptiness that is dangerous, such as nobody who can be paged. */
  alarm?: boolean;
  /** It is all of the screen, not a part: then it carries the heading of the screen. */
  screen?: boolean;
}

export function EmptyState({ title, children, action, icon: Icon = IconInbox, alarm = false, screen = false }: Props) {
  const Heading = screen ? 'h1' : 'h2';
  return (
    <div className={`${classes.state}${alarm ? ` ${classes.alarm}` : ''}`}>
      <Icon size={26} stroke={1.5} aria-hidden="true" />
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {action && <div className={classes.actions}>{action}</div>}
    </div>
  );
}

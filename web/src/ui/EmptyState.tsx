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
}

export function EmptyState({ title, children, action, icon: Icon = IconInbox, alarm = false }: Props) {
  return (
    <div className={`${classes.state}${alarm ? ` ${classes.alarm}` : ''}`}>
      <Icon size={26} stroke={1.5} aria-hidden="true" />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={classes.actions}>{action}</div>}
    </div>
  );
}

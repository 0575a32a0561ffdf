import { IconAlertCircle } from '@tabler/icons-react';
import { useEffect } from 'react';
import { errorText } from '../../lib/api.ts';
import { Logo } from '../../ui/Logo.tsx';
import classes from './Door.module.css';

interface Props {
  title: string;
  lead?: React.ReactNode;
  foot?: React.ReactNode;
  children: React.ReactNode;
}

/** The card in front of the console: everything that happens before somebody is signed in. */
export function Door({ title, lead, foot, children }: Props) {
  useEffect(() => {
    document.title = `${title} - Bridgewatch`;
  }, [title]);
  return (
    <main className={classes.door}>
      <div style={{ width: '100%', maxWidth: 380 }}>
        <div className={classes.brand}>
          <Logo />
          Bridgewatch
        </div>
        <div className={classes.card}>
          <h1>{title}</h1>
          {lead && <p className="t2">{lead}</p>}
          {children}
          {foot && <div className={classes.foot}>{foot}</div>}
        </div>
      </div>
    </main>
  );
}

export const formClass = classes.form;

/** Why a form was refused, above its button. */
export function FormError({ error, text }: { error?: unknown; text?: string | undefined }) {
  const shown = text ?? (error ? errorText(error) : undefined);
  if (!shown) return null;
  return (
    <div className="note critical" role="alert">
      <IconAlertCircle size={16} aria-hidden="true" />
      <span>{shown}</span>
    </div>
  );
}

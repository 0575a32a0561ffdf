import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { textParts } from '../lib/mentions.ts';
import { sessionQuery } from '../lib/session.ts';
import classes from './RichText.module.css';

/** What people wrote, with the people whom they mention as chips. Lines are kept. */
export function RichText({ text, className }: { text: string; className?: string | undefined }) {
  const me = useQuery(sessionQuery).data?.person.id;
  return (
    <div className={`prose${className ? ` ${className}` : ''}`}>
      {textParts(text).map((part, index) => (
        <Fragment key={index}>
          {typeof part === 'string' ? (
            part
          ) : (
            <span className={`${classes.mention}${part.person === me ? ` ${classes.me}` : ''}`}>@{part.name}</span>
          )}
        </Fragment>
      ))}
    </div>
  );
}

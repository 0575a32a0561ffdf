import { IconUser } from '@tabler/icons-react';
import classes from './PersonAvatar.module.css';

/** `Amara Okafor` gives `AO`, `Cher` gives `CH`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0]}${words[words.length - 1]?.[0]}` : name.trim().slice(0, 2);
  return letters.toUpperCase();
}

/** Series colour 1 to 8 of a person or rotation: stable for an id, always shown with a name or initials. */
export function seriesColor(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return `var(--bw-cat-${(sum % 8) + 1})`;
}

/** Initials in a disc. The name stands beside it or is read out; `name` absent means nobody. */
export function PersonAvatar({ name, size = 'sm' }: { name?: string | undefined; size?: 'sm' | 'lg' }) {
  const large = size === 'lg' ? ` ${classes.lg}` : '';
  if (!name) {
    return (
      <span className={`${classes.avatar} ${classes.none}${large}`} aria-hidden="true">
        <IconUser size={13} />
      </span>
    );
  }
  return (
    <span className={`${classes.avatar}${large}`} title={name} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** Disc and name; without a person it says `Nobody`. */
export function PersonName({
  person,
  you,
}: {
  person?: { id: string; name: string } | null | undefined;
  you?: string | undefined;
}) {
  return (
    <span className={`${classes.who}${person ? '' : ' t3'}`}>
      <PersonAvatar name={person?.name} />
      <span className="cut">
        {person?.name ?? 'Nobody'}
        {person && you === person.id && <span className="t2"> (you)</span>}
      </span>
    </span>
  );
}

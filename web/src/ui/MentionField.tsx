import { Popover, Textarea, type TextareaProps } from '@mantine/core';
import { useDebouncedValue, useMergedRef } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import type { Person } from '../api/types.ts';
import { api, type Page } from '../lib/api.ts';
import { useCaret } from '../lib/caret.ts';
import { listKey } from '../lib/keys.ts';
import { type Known, keptText, mentionAt, shownText, writtenMention } from '../lib/mentions.ts';
import { useCan } from '../lib/session.ts';
import classes from './MentionField.module.css';
import { PersonAvatar } from './PersonAvatar.tsx';

/** Those of an earlier answer too, while the next one is on its way: what Enter takes must be what was typed. */
const fits = ({ active, name, email }: Person, term: string) =>
  active && [name, email].some((text) => text.toLowerCase().includes(term.toLowerCase()));

interface Props extends Omit<TextareaProps, 'value' | 'onChange'> {
  /** As the server keeps it. */
  value: string;
  onChange: (text: string) => void;
  ref?: React.Ref<HTMLTextAreaElement>;
}

/**
 * A field for text in which `@` brings in people: arrows choose, Enter or Tab takes, Escape closes. One sees names;
 * what is given out has the people in it.
 */
export function MentionField({ value, onChange, ref, onKeyDown, ...textarea }: Props) {
  const id = useId();
  const own = useRef<HTMLTextAreaElement>(null);
  const placeCaret = useCaret(own);
  const merged = useMergedRef(own, ref);
  const mayRead = useCan('people:read');
  // A name that was taken once means its person, even when it is typed again.
  const [met, setMet] = useState<Known>(new Map());
  const { text, known } = shownText(value, met);
  const [cursor, setCursor] = useState<number>();
  const [closed, setClosed] = useState<number>();
  const [chosen, setChosen] = useState(0);

  const typing = mayRead && cursor !== undefined ? mentionAt(text, cursor) : undefined;
  const offered = typing !== undefined && closed !== typing.from;
  const [term] = useDebouncedValue(typing?.term ?? '', 120);
  const found = useQuery({
    queryKey: listKey('person', 'mention', term),
    queryFn: ({ signal }) =>
      api.get<Page<Person>>('/people', { query: { ...(term && { query: term }), limit: 8 }, signal }),
    enabled: offered,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
  // A name that is finished needs no more choices.
  const finished = typing !== undefined && known.has(typing.term);
  const people = offered && !finished ? (found.data?.items ?? []).filter((person) => fits(person, typing.term)) : [];
  const open = people.length > 0;
  const at = Math.min(chosen, people.length - 1);

  const take = ({ id: person, name }: Person) => {
    if (!typing || cursor === undefined) return;
    const taken = known.has(name) && known.get(name) !== person;
    // Two people of one name: the second is written out, so that it is clear who is meant.
    const written = taken ? writtenMention({ name, person }) : `@${name}`;
    const next = `${text.slice(0, typing.from)}${written} ${text.slice(cursor)}`;
    const people = taken ? known : new Map(known).set(name, person);
    const unit = typing.from + written.length + 1;
    setMet(people);
    onChange(keptText(next, people));
    setCursor(undefined);
    setChosen(0);
    placeCaret(unit);
  };
  return (
    <Popover
      withRoles={false}
      opened={open}
      position="top-start"
      withinPortal
      trapFocus={false}
      returnFocus={false}
      shadow="md"
      offset={4}
    >
      <Popover.Target>
        <div>
          <Textarea
            {...textarea}
            ref={merged}
            aria-autocomplete={mayRead ? 'list' : undefined}
            aria-controls={open ? `${id}-people` : undefined}
            aria-activedescendant={open ? `${id}-${at}` : undefined}
            value={text}
            onChange={(event) => {
              const typed = event.currentTarget.value;
              onChange(keptText(typed, known));
              setMet(known);
              setCursor(event.currentTarget.selectionStart);
              setChosen(0);
            }}
            onSelect={(event) => {
              if (cursor !== undefined) setCursor(event.currentTarget.selectionStart);
            }}
            onBlur={() => setCursor(undefined)}
            onKeyDown={(event) => {
              if (open && !event.nativeEvent.isComposing) {
                const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
                const person = people[at];
                if (step) {
                  event.preventDefault();
                  return setChosen((at + step + people.length) % people.length);
                }
                if (person && !event.ctrlKey && !event.metaKey && !event.shiftKey && /^(Enter|Tab)$/.test(event.key)) {
                  event.preventDefault();
                  return take(person);
                }
                if (event.key === 'Escape') {
                  event.preventDefault();
                  event.stopPropagation();
                  return setClosed(typing?.from);
                }
              }
              onKeyDown?.(event);
            }}
          />
        </div>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div id={`${id}-people`} className={classes.list} role="listbox" aria-label="People to mention">
          {people.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
            <div
              key={person.id}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              ref={index === at ? (item) => item?.scrollIntoView({ block: 'nearest' }) : undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(person)}
            >
              <PersonAvatar name={person.name} />
              <span className="b cut">{person.name}</span>
              <span className="t3 xs cut end">{person.teams.map(({ name }) => name).join(', ') || person.email}</span>
            </div>
          ))}
        </div>
        <div className={`${classes.keys} hide-phone`} aria-hidden="true">
          <span>
            <kbd>Tab</kbd> take
          </span>
          <span>
            <kbd>Esc</kbd> close
          </span>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

import { useDebouncedValue } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Fragment, useId, useImperativeHandle, useRef, useState } from 'react';
import type { Completion, QueryProblem } from '../api/types.ts';
import { errorText } from '../lib/api.ts';
import { useCaret } from '../lib/caret.ts';
import { checkQuery, completeQuery, scalarOf, splice, type TokenKind, tokens, unitOf } from '../lib/query.ts';
import { sentence } from '../lib/text.ts';
import classes from './QueryBar.module.css';

interface Props {
  /** Read out as the field's name. */
  label: string;
  /** Whose fields it knows, such as `/tickets/query`. */
  path: string;
  /** The query that is in force; what is typed starts anew when it changes. */
  value: string;
  /** Enter, with the canonical text of a query that the server understands. */
  onRun: (canonical: string) => void;
  /** Every change of what is typed: for forms that save the text themselves. */
  onType?: (text: string) => void;
  placeholder?: string;
  /** Why the server refused the text, besides what the check says. */
  error?: string | undefined;
  disabled?: boolean;
  end?: React.ReactNode;
  ref?: React.Ref<{ focus: () => void }>;
}

const COLOURS: Record<TokenKind, string | undefined> = {
  field: classes.fieldName,
  operator: classes.operator,
  keyword: classes.keyword,
  value: classes.value,
  space: undefined,
};

/** The text in its colours, with the problems underlined at their characters. A problem at the end marks a space. */
function Drawn({ text, problems }: { text: string; problems: readonly QueryProblem[] }) {
  const marks = problems.map(({ position, length }) => ({
    from: unitOf(text, position),
    to: unitOf(text, position + Math.max(1, length)),
  }));
  const atEnd = marks.some(({ from }) => from >= text.length);
  const wrong = (at: number) => marks.some(({ from, to }) => from <= at && at < to);
  let at = 0;
  return (
    <div className={`${classes.drawn}`} aria-hidden="true">
      {tokens(text).map((token, index) => {
        const start = at;
        at += token.text.length;
        // Cut where a mark begins or ends, so that only its characters are underlined.
        const cuts = [start, ...marks.flatMap(({ from, to }) => [from, to]).filter((cut) => cut > start && cut < at)];
        const sorted = [...new Set(cuts)].sort((a, b) => a - b);
        return (
          <Fragment key={index}>
            {sorted.map((from, piece) => (
              <span
                key={from}
                className={[COLOURS[token.kind], wrong(from) && classes.wrong].filter(Boolean).join(' ')}
                data-wrong={wrong(from) || undefined}
              >
                {text.slice(from, sorted[piece + 1] ?? at)}
              </span>
            ))}
          </Fragment>
        );
      })}
      {atEnd && (
        <span className={classes.wrong} data-wrong>
          {'\u00a0'}
        </span>
      )}
      {/* Keeps the line that a last line break or nothing at all would lose. */}
      {'\u200b'}
    </div>
  );
}

/**
 * A field for the query language. It is checked while one types, its problems are underlined where they are, and what
 * may stand at the cursor is offered: arrows choose, Enter or Tab takes, Escape closes. Enter runs the query.
 */
export function QueryBar(props: Props) {
  const { label, path, value, onRun, onType, disabled = false } = props;
  const id = useId();
  const client = useQueryClient();
  const input = useRef<HTMLTextAreaElement>(null);
  const placeCaret = useCaret(input);
  const [base, setBase] = useState(value);
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(0);
  const [offered, setOffered] = useState(false);
  const [chosen, setChosen] = useState<number>();
  const [pressed, setPressed] = useState(false);
  if (base !== value) {
    setBase(value);
    // What one typed and ran comes back as canonical text: the same query, so it is shown as the server writes it. What
    // a form keeps with `onType` comes back as it stands.
    if (value !== text) {
      setText(value);
      setOffered(false);
    }
  }
  useImperativeHandle(props.ref, () => ({ focus: () => input.current?.focus() }));

  const [asked] = useDebouncedValue(text, 200);
  const check = useQuery({ ...checkQuery(path, asked), enabled: asked.trim() !== '' && !disabled });
  const problems = asked === text && text.trim() ? (check.data?.problems ?? []) : [];
  const [place] = useDebouncedValue(`${cursor} ${text}`, 80);
  const settled = place === `${cursor} ${text}`;
  const complete = useQuery({ ...completeQuery(path, text, cursor), enabled: offered && settled && !disabled });
  const offers = offered && settled ? (complete.data?.items ?? []) : [];
  const open = offers.length > 0;
  const at = Math.min(chosen ?? 0, offers.length - 1);

  const put = (next: string, unit: number) => {
    setText(next);
    onType?.(next);
    setCursor(scalarOf(next, unit));
    setPressed(false);
    placeCaret(unit);
  };
  const take = (offer: Completion) => {
    if (!complete.data) return;
    const { from, to } = complete.data;
    put(splice(text, from, to, offer.insert), unitOf(text, from) + offer.insert.length);
    setChosen(undefined);
  };
  const mend = ({ position, length }: QueryProblem, suggestion: string) => {
    put(splice(text, position, position + length, suggestion), unitOf(text, position) + suggestion.length);
  };
  const run = async () => {
    setOffered(false);
    if (!text.trim()) return onRun('');
    setPressed(true);
    try {
      const { canonical, problems: found } = await client.fetchQuery(checkQuery(path, text));
      if (found.length === 0) onRun(canonical ?? text);
    } catch {
      // The failed check is told below the field.
    }
  };
  const note = props.error ?? (check.isError && pressed ? errorText(check.error) : undefined);
  return (
    <div className={classes.bar}>
      <div className={classes.field} data-invalid={problems.length > 0 || undefined}>
        <IconFilter size={16} aria-hidden="true" />
        <div className={classes.text}>
          <Drawn text={text} problems={problems} />
          <textarea
            ref={input}
            className={classes.input}
            rows={1}
            role="combobox"
            aria-label={label}
            aria-expanded={open}
            aria-controls={`${id}-offers`}
            aria-autocomplete="list"
            aria-activedescendant={open ? `${id}-${at}` : undefined}
            aria-invalid={problems.length > 0 || undefined}
            aria-describedby={problems.length > 0 || note ? `${id}-problems` : undefined}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            placeholder={props.placeholder}
            disabled={disabled}
            value={text}
            onChange={(event) => {
              const next = event.currentTarget.value.replace(/[\r\n]+/g, ' ');
              setText(next);
              onType?.(next);
              setCursor(scalarOf(next, event.currentTarget.selectionStart));
              setChosen(undefined);
              setPressed(false);
              setOffered(true);
            }}
            onSelect={(event) => setCursor(scalarOf(text, event.currentTarget.selectionStart))}
            onBlur={() => setOffered(false)}
            onKeyDown={(event) => {
              const { key } = event;
              if (key === 'ArrowDown' || (key === ' ' && event.ctrlKey)) {
                event.preventDefault();
                if (open && key === 'ArrowDown') setChosen(chosen === undefined ? 0 : (at + 1) % offers.length);
                else setOffered(true);
              } else if (key === 'ArrowUp' && open) {
                event.preventDefault();
                setChosen(chosen === undefined ? offers.length - 1 : (at + offers.length - 1) % offers.length);
              } else if (open && ((key === 'Tab' && !event.shiftKey) || (key === 'Enter' && chosen !== undefined))) {
                event.preventDefault();
                const offer = offers[at];
                if (offer) take(offer);
              } else if (key === 'Enter') {
                event.preventDefault();
                void run();
              } else if (key === 'Escape') {
                event.stopPropagation();
                if (offered && open) setOffered(false);
                else input.current?.blur();
              }
            }}
          />
        </div>
        {props.end}
      </div>
      {open && (
        <div className={classes.popup}>
          <div id={`${id}-offers`} className={classes.list} role="listbox" aria-label="What may stand here">
            {offers.map((offer, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
              <div
                key={`${offer.kind} ${offer.label}`}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                ref={index === at ? (item) => item?.scrollIntoView({ block: 'nearest' }) : undefined}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(offer)}
              >
                <span className="mono cut">{offer.label}</span>{' '}
                <span className="t3 xs cut">{offer.detail ?? offer.kind}</span>
              </div>
            ))}
          </div>
          <div className={`${classes.keys} hide-phone`} aria-hidden="true">
            <span>
              <kbd>Tab</kbd> take
            </span>
            <span>
              <kbd>Enter</kbd> run
            </span>
            <span>
              <kbd>Esc</kbd> close
            </span>
          </div>
        </div>
      )}
      <div id={`${id}-problems`} aria-live="polite">
        {problems.length > 0 && (
          <ul className={classes.problems}>
            {problems.map((problem) => (
              <li key={`${problem.position} ${problem.message}`}>
                <span>
                  Character {problem.position + 1}: {sentence(problem.message)}
                </span>
                {problem.suggestions.map((suggestion) => (
                  <button
                    key={suggestion}
                    type="button"
                    className={classes.suggestion}
                    aria-label={`Use ${suggestion}`}
                    onClick={() => mend(problem, suggestion)}
                  >
                    {suggestion}
                  </button>
                ))}
              </li>
            ))}
          </ul>
        )}
        {note && <p className="c-critical xs">{note}</p>}
      </div>
    </div>
  );
}

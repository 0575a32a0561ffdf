/**
 * Mentions of people in free text. The server keeps `@[Shown name](person:<uuid>)`; who writes sees `@Shown name`.
 * What is not written exactly so is ordinary text.
 */

export interface Mention {
  name: string;
  person: string;
}
export type TextPart = string | Mention;

const MENTION = /@\[([^[\]\n]{1,200})\]\(person:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)/gi;

/** The text in pieces: plain ones and mentions. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(MENTION)) {
    const [whole, name = '', person = ''] = match;
    if (!name.trim()) continue;
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push({ name, person });
    at = match.index + whole.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** A name that may stand in a mention: brackets and line ends would break it. */
const plainName = (name: string): string =>
  name
    .replace(/[[\]\n]/g, ' ')
    .trim()
    .slice(0, 200);

export const writtenMention = ({ name, person }: Mention): string => `@[${plainName(name)}](person:${person})`;

/** Who is meant by a name, among those that a text knows. */
export type Known = ReadonlyMap<string, string>;

/** The text as one edits it, and who its names mean. A second person of the same name stays as it is kept. */
export function shownText(text: string, known: Known = new Map()): { text: string; known: Known } {
  const all = new Map(known);
  const shown = textParts(text).map((part) => {
    if (typeof part === 'string') return part;
    if (!all.has(part.name)) all.set(part.name, part.person);
    return all.get(part.name) === part.person ? `@${part.name}` : writtenMention(part);
  });
  return { text: shown.join(''), known: all };
}

/** The text as the server keeps it: each `@Name` of a known person as a mention. */
export function keptText(text: string, known: Known): string {
  // The longest first: `Ana` is also the beginning of `Ana Silva`.
  const names = [...known.keys()].sort((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_@])@(${escaped.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
  return textParts(text)
    .map((part) =>
      typeof part === 'string'
        ? part.replace(pattern, (_, name: string) => writtenMention({ name, person: known.get(name) ?? '' }))
        : writtenMention(part),
    )
    .join('');
}

/** What is being typed after an `@` that may become a mention, up to the cursor. */
export function mentionAt(text: string, cursor: number): { from: number; term: string } | undefined {
  const before = text.slice(0, cursor);
  const match = /(?:^|[\s(])@([\p{L}\p{N}.'’-]{0,40}(?: [\p{L}\p{N}.'’-]{1,40}){0,2})$/u.exec(before);
  if (!match) return undefined;
  const term = match[1] ?? '';
  return { from: cursor - term.length - 1, term };
}

/**
 * Text of the query language as the browser handles it. The server alone understands it; here are only its characters,
 * its colours, and its ORDER BY. The server counts Unicode scalar values, JavaScript counts UTF-16 units: every
 * position crosses `unitOf` or `scalarOf`.
 */
import { queryOptions } from '@tanstack/react-query';
import type { Completions, QueryCheck } from '../api/types.ts';
import { api } from './api.ts';

/** The UTF-16 index of a scalar position. */
export const unitOf = (text: string, position: number): number => [...text].slice(0, position).join('').length;
/** The scalar position of a UTF-16 index. */
export const scalarOf = (text: string, unit: number): number => [...text.slice(0, unit)].length;

/** `text` with the scalars `from..to` replaced. */
export function splice(text: string, from: number, to: number, insert: string): string {
  const scalars = [...text];
  return [...scalars.slice(0, from), insert, ...scalars.slice(to)].join('');
}

export type TokenKind = 'field' | 'keyword' | 'operator' | 'value' | 'space';
export interface Token {
  text: string;
  kind: TokenKind;
}

const PART = /\s+|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|&&|\|\||!=|!~|<=|>=|[=<>~!(),]|[^\s"'=<>~!(),&|]+|[&|]/gu;
const KEYWORDS =
  /^(and|or|not|in|is|was|changed|empty|null|order|by|asc|desc|from|to|before|after|on|during|&&|\|\||!)$/i;
const OPERATOR = /^(=|!=|<|<=|>|>=|~|!~|\(|\)|,)$/;
/** What may stand after a field. */
const AFTER_FIELD = /^(=|!=|<|<=|>|>=|~|!~|in|is|was|changed|not)$/i;

/** The parts of a query for its colours; together they are the text. A rough reading that never fails. */
export function tokens(text: string): Token[] {
  const parts = text.match(PART) ?? [];
  let ordering = false;
  return parts.map((part, index): Token => {
    if (/^\s/.test(part)) return { text: part, kind: 'space' };
    if (KEYWORDS.test(part)) {
      if (/^order$/i.test(part)) ordering = true;
      return { text: part, kind: 'keyword' };
    }
    if (OPERATOR.test(part)) return { text: part, kind: 'operator' };
    const next = parts.slice(index + 1).find((each) => !/^\s/.test(each));
    return { text: part, kind: ordering || (next && AFTER_FIELD.test(next)) ? 'field' : 'value' };
  });
}

/** The condition and the ORDER BY of a query. */
export function splitOrder(query: string): { condition: string; order: string } {
  let at = 0;
  let found: { from: number; to: number } | undefined;
  let order: number | undefined;
  for (const { text, kind } of tokens(query)) {
    if (kind === 'keyword' && /^order$/i.test(text)) order = at;
    else if (kind === 'keyword' && /^by$/i.test(text) && order !== undefined) {
      found ??= { from: order, to: at + text.length };
    } else if (kind !== 'space') order = undefined;
    at += text.length;
  }
  if (!found) return { condition: query.trim(), order: '' };
  return { condition: query.slice(0, found.from).trim(), order: query.slice(found.to).trim() };
}

/** The first sort key as tables write it: `-created` for descending. */
export function sortOf(query: string): string | undefined {
  const first = splitOrder(query).order.split(',')[0]?.trim();
  if (!first) return undefined;
  const [, field, way] = /^(.*?)(?:\s+(asc|desc))?$/i.exec(first) ?? [];
  return `${way?.toLowerCase() === 'desc' ? '-' : ''}${field}`;
}

/** The query with one sort key in place of those it had. */
export function withSort(query: string, sort: string): string {
  const { condition } = splitOrder(query);
  const order = sort.startsWith('-') ? `ORDER BY ${sort.slice(1)} DESC` : `ORDER BY ${sort} ASC`;
  return condition ? `${condition} ${order}` : order;
}

/** `path` is the record's own, such as `/tickets/query`: each kind of record has its fields. */
export const checkQuery = (path: string, text: string) =>
  queryOptions({
    queryKey: ['query', 'check', path, text],
    queryFn: ({ signal }) => api.post<QueryCheck>(`${path}/check`, { query: text }, { signal }),
    staleTime: 60_000,
    retry: false,
  });

export const completeQuery = (path: string, text: string, cursor: number) =>
  queryOptions({
    queryKey: ['query', 'complete', path, text, cursor],
    queryFn: ({ signal }) => api.post<Completions>(`${path}/complete`, { text, cursor }, { signal }),
    staleTime: 60_000,
    retry: false,
  });

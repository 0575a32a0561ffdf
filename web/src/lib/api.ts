/**
 * The one door to the server: JSON over `/api/v1`, errors as problem+json, the CSRF header of the
 * browser session, `If-Match` for conditional writes and an `Idempotency-Key` on every POST.
 */

import { sentence } from './text.ts';

export interface FieldError {
  field: string;
  message: string;
}

/** An answer that is not 2xx (RFC 9457), or a request that never got an answer (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly fields: FieldError[];
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** The whole problem document, for members of one code only (for example the required permission). */
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>, requestId?: string, retryAfter?: number) {
    const text = (name: string) => (typeof problem[name] === 'string' ? (problem[name] as string) : undefined);
    super(text('detail') ?? text('title') ?? `The server answered with ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = text('code') ?? (status === 0 ? 'unreachable' : `http_${status}`);
    this.title = text('title') ?? 'The request failed';
    this.detail = text('detail');
    this.requestId = text('request_id') ?? requestId;
    this.fields = Array.isArray(problem.errors) ? (problem.errors as FieldError[]) : [];
    this.retryAfter = retryAfter;
    this.problem = problem;
  }
}

type QueryValue = string | number | boolean | null | undefined | readonly string[];

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  /** The media type of a body that is a text already; otherwise it is sent as JSON. */
  type?: string;
  /** The version the change was made on; a newer one on the server answers 412 `version_conflict`. */
  ifMatch?: number | string;
  /** Only needed to repeat one POST safely; otherwise a fresh key is sent. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** One page of a list; `next` is the cursor of the following page. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}

export const BASE = '/api/v1';
let csrfToken: string | undefined;
let clockOffsetMs = 0;
let onSignedOut: (() => void) | undefined;

/** Called with every Session answer; the token is never stored outside memory. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Called once by the app: what to do when the server says that the session has ended. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler;
}

/** Server time in milliseconds: the browser's clock corrected by the last `Date` header. */
export function serverNow(): number {
  return Date.now() + clockOffsetMs;
}

/** A random key. `crypto.randomUUID` is missing on plain http hosts, so it is made by hand. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function queryString(query: Record<string, QueryValue> | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) for (const each of value) params.append(name, each);
    else params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

function readProblem(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return body && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What every request carries besides its body. */
export function requestHeaders(method: string, options: RequestOptions = {}): Headers {
  const headers = new Headers({ Accept: 'application/json' });
  if (method !== 'GET' && csrfToken) headers.set('X-CSRF-Token', csrfToken);
  if (method === 'POST') headers.set('Idempotency-Key', options.idempotencyKey ?? randomKey());
  if (options.ifMatch !== undefined) headers.set('If-Match', `"${options.ifMatch}"`);
  return headers;
}

/** A refusal, whichever way it came; an ended session is told to the app. */
export function refusal(path: string, status: number, text: string, header: (name: string) => string | null): ApiError {
  if (status === 401 && path !== '/session' && csrfToken) onSignedOut?.();
  const retry = Number(header('Retry-After'));
  return new ApiError(
    status,
    readProblem(text),
    header('X-Request-Id') ?? undefined,
    Number.isFinite(retry) && retry > 0 ? retry : undefined,
  );
}

export const unreachable = (): ApiError =>
  new ApiError(0, {
    title: 'The server cannot be reached',
    detail: 'Nothing was lost. Check the connection and try again.',
  });

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const headers = requestHeaders(method, options);
  // A text goes as it is, such as a CSV file; everything else as JSON.
  const text = options.type !== undefined;
  if (options.body !== undefined) headers.set('Content-Type', options.type ?? 'application/json');

  let response: Response;
  try {
    response = await fetch(`${BASE}${path}${queryString(options.query)}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body !== undefined && { body: text ? String(options.body) : JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable();
  }

  const date = Date.parse(response.headers.get('Date') ?? '');
  // The header has whole seconds, so a small difference says nothing.
  if (!Number.isNaN(date)) {
    const offset = date - Date.now();
    clockOffsetMs = Math.abs(offset) > 2000 ? offset : 0;
  }

  const answer = await response.text();
  if (!response.ok) throw refusal(path, response.status, answer, (name) => response.headers.get(name));
  return (answer ? JSON.parse(answer) : undefined) as T;
}

type WithBody = Omit<RequestOptions, 'body'>;

export const api = {
  get: <T>(path: string, options?: WithBody) => request<T>('GET', path, options),
  post: <T>(path: string, body?: unknown, options?: WithBody) => request<T>('POST', path, { ...options, body }),
  patch: <T>(path: string, body: unknown, options?: WithBody) => request<T>('PATCH', path, { ...options, body }),
  put: <T>(path: string, body: unknown, options?: WithBody) => request<T>('PUT', path, { ...options, body }),
  delete: <T = void>(path: string, body?: unknown, options?: WithBody) =>
    request<T>('DELETE', path, { ...options, ...(body !== undefined && { body }) }),
};

/** Sentences of a problem's fields by field name, as Mantine forms take them. */
export function formErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map(({ field, message }) => [field, message]));
}

/** One sentence for a toast or a line under a form. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    const text = sentence(error.message);
    // What the person did wrong needs no reference; a fault of the server does.
    return error.requestId && error.status >= 500 ? `${text} Reference ${error.requestId}.` : text;
  }
  return error instanceof Error ? error.message : String(error);
}

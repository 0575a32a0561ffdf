import { queryOptions } from '@tanstack/react-query';
import type { Action, Ref, Ticket } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { recordKey } from '../../lib/keys.ts';
import { useUploads } from '../../lib/uploads.ts';
import { findAction } from '../../ui/ActionButton.tsx';

const INTERNAL = { internal: 'true' };

/** A file of a ticket. */
export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size: number;
  /** Not for customers. */
  internal: boolean;
  width?: number | null;
  height?: number | null;
  created_at: string;
  created_by: Ref;
  thumbnail: boolean;
  comment_id?: string | null;
  actions: Action[];
}

export const attachmentsQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key, 'attachments'),
    queryFn: ({ signal }) => api.get<{ items: Attachment[] }>(`/tickets/${key}/attachments`, { signal }),
  });

export const contentAddress = (id: string): string => `/api/v1/attachments/${id}/content`;
export const thumbnailAddress = (id: string): string => `/api/v1/attachments/${id}/thumbnail`;

/** Pictures that every browser draws; others are downloaded. */
export const isPicture = ({ media_type, thumbnail }: Attachment): boolean =>
  thumbnail && /^image\/(png|jpeg|gif|webp|avif)$/.test(media_type);

/** A picture from the clipboard has no name of its own worth keeping. */
export function namedPicture(file: File, at: Date): File {
  if (file.name && !/^image\.\w+$/.test(file.name)) return file;
  const ending = file.type.split('/')[1]?.replace('jpeg', 'jpg') ?? 'png';
  const stamp = at.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  return new File([file], `Pasted ${stamp}.${ending}`, { type: file.type });
}

/** Whoever may write a note may attach internally; whoever may comment may attach. */
export const mayAttachInternally = (ticket: Ticket): boolean =>
  findAction(ticket.actions, 'comment_internal')?.allowed ?? false;
export const mayAttach = (ticket: Ticket): boolean =>
  mayAttachInternally(ticket) || (findAction(ticket.actions, 'comment_public')?.allowed ?? false);

/** Files of the ticket itself; what is under way is forgotten when it is there. */
export function useTicketFiles(ticket: string) {
  const { uploads, add } = useUploads(`ticket ${ticket}`, `/tickets/${ticket}/attachments`, false);
  return { uploads, add: (files: readonly File[], internal: boolean) => add(files, internal ? INTERNAL : {}) };
}

/** The files of the comment that is being written. Nobody but agents sees those of agents before it is sent. */
export function useCommentFiles(ticket: Ticket) {
  const { id } = ticket;
  const { uploads, add, busy } = useUploads(`comment ${id}`, `/tickets/${id}/attachments`, true);
  const parts = mayAttachInternally(ticket) ? INTERNAL : {};
  return { uploads, busy, add: (files: readonly File[]) => add(files, parts) };
}

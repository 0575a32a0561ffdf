import { Button, Menu, Modal } from '@mantine/core';
import { IconChevronDown, IconChevronLeft, IconChevronRight, IconDownload, IconPaperclip } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Ticket } from '../../api/types.ts';
import { sizeText } from '../../lib/text.ts';
import { ErrorState } from '../../ui/ErrorState.tsx';
import { FilePick } from '../../ui/FilePick.tsx';
import { Moment } from '../../ui/Time.tsx';
import classes from './Attachments.module.css';
import {
  type Attachment,
  attachmentsQuery,
  contentAddress,
  isPicture,
  mayAttach,
  mayAttachInternally,
  useCommentFiles,
  useTicketFiles,
} from './attachments.ts';
import { FileList, InternalMark } from './FileList.tsx';
import { UploadList } from './UploadList.tsx';

/** Opens a picture large; it is in the address. */
export function useShowPicture(): (id: string | undefined) => void {
  const navigate = useNavigate({ from: '/tickets/$key' });
  return (file) => void navigate({ search: (old) => ({ ...old, file }), replace: true });
}

/** One picture of the ticket, large, with the way to its neighbours. */
export function Pictures({ ticket, shown }: { ticket: Ticket; shown: string | undefined }) {
  const show = useShowPicture();
  const files = useQuery({ ...attachmentsQuery(ticket.key), enabled: shown !== undefined });
  const pictures = files.data?.items.filter(isPicture) ?? [];
  const at = pictures.findIndex(({ id }) => id === shown);
  const picture = pictures[at];
  const to = (step: number) => show(pictures[(at + step + pictures.length) % pictures.length]?.id);
  return (
    <Modal
      opened={shown !== undefined && (files.isSuccess || files.isError)}
      onClose={() => show(undefined)}
      title={picture?.name ?? 'Picture'}
      size="xl"
      centered
      onKeyDown={(event) => {
        if (pictures.length < 2 || !picture) return;
        if (event.key === 'ArrowLeft') to(-1);
        if (event.key === 'ArrowRight') to(1);
      }}
    >
      {files.isError ? (
        <ErrorState error={files.error} what="the picture" onRetry={() => void files.refetch()} />
      ) : picture ? (
        <div className="stack">
          <div className={classes.picture}>
            <img
              src={contentAddress(picture.id)}
              alt={picture.name}
              {...(picture.width && picture.height && { width: picture.width, height: picture.height })}
            />
          </div>
          <div className="row wrap">
            {pictures.length > 1 && (
              <>
                <Button variant="default" onClick={() => to(-1)} leftSection={<IconChevronLeft size={16} />}>
                  Before
                </Button>
                <span className="t3 xs num" aria-live="polite">
                  {at + 1} of {pictures.length}
                </span>
                <Button variant="default" onClick={() => to(1)} rightSection={<IconChevronRight size={16} />}>
                  Next
                </Button>
              </>
            )}
            <span className="t3 xs">
              {sizeText(picture.size)} · {picture.created_by.name} · <Moment at={picture.created_at} />
            </span>
            {picture.internal && <InternalMark />}
            <Button
              className="end"
              component="a"
              variant="default"
              href={contentAddress(picture.id)}
              download={picture.name}
              leftSection={<IconDownload size={16} />}
            >
              Download
            </Button>
          </div>
        </div>
      ) : (
        <p className="t2">This picture is not here any more, or you may not see it.</p>
      )}
    </Modal>
  );
}

function Attach({ onFiles, agent }: { onFiles: (files: File[], internal: boolean) => void; agent: boolean }) {
  if (!agent) {
    return (
      <FilePick label="Files to attach" multiple onFiles={(files) => onFiles(files, false)}>
        {(open) => (
          <Button variant="subtle" leftSection={<IconPaperclip size={16} />} onClick={open}>
            Attach files
          </Button>
        )}
      </FilePick>
    );
  }
  return (
    <FilePick label="Internal files to attach" multiple onFiles={(files) => onFiles(files, true)}>
      {(openInternal) => (
        <FilePick label="Files to attach" multiple onFiles={(files) => onFiles(files, false)}>
          {(open) => (
            <Menu position="bottom-end" withinPortal>
              <Menu.Target>
                <Button
                  variant="subtle"
                  leftSection={<IconPaperclip size={16} />}
                  rightSection={<IconChevronDown size={14} />}
                >
                  Attach files
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={openInternal}>
                  Internal …<div className="xs t3">Not visible to customers</div>
                </Menu.Item>
                <Menu.Item onClick={open}>
                  For everybody …<div className="xs t3">The reporter can see them at once</div>
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </FilePick>
      )}
    </FilePick>
  );
}

/** All files of the ticket, those under comments too. Without any, only the way to attach some. */
export function Attachments({ ticket }: { ticket: Ticket }) {
  const files = useQuery(attachmentsQuery(ticket.key));
  const own = useTicketFiles(ticket.id);
  const drafts = useCommentFiles(ticket);
  const show = useShowPicture();
  // What waits to be sent with a comment is shown where that is written.
  const waiting = new Set(drafts.uploads.map(({ stored }) => stored?.id));
  const items: Attachment[] = files.data?.items.filter(({ id }) => !waiting.has(id)) ?? [];
  const may = mayAttach(ticket);
  if (!may && files.isSuccess && items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="ticket-attachments">
      <header>
        <h2 id="ticket-attachments">Attachments</h2>
        {items.length > 0 && <span className="cnt">{items.length}</span>}
        {files.isSuccess && items.length === 0 && (
          <span className="t3 xs cut hide-phone">none yet; drop files anywhere here, or paste a picture</span>
        )}
        <span className="grow" />
        {may && <Attach agent={mayAttachInternally(ticket)} onFiles={own.add} />}
      </header>
      {own.uploads.length > 0 && (
        <div className="pad">
          <UploadList uploads={own.uploads} label="Uploads" />
        </div>
      )}
      {files.isError ? (
        <ErrorState error={files.error} what="the attachments" onRetry={() => void files.refetch()} />
      ) : (
        items.length > 0 && <FileList files={items} label="Attachments" onShow={show} />
      )}
    </section>
  );
}

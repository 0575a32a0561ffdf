import { useRef } from 'react';

interface Props {
  /** Read out as the field's name. */
  label: string;
  onFiles: (files: File[]) => void;
  accept?: string;
  multiple?: boolean;
  /** Draws what opens the browser's choice of files. */
  children: (open: () => void) => React.ReactNode;
}

/** Lets one choose files. The same file can be chosen again. */
export function FilePick({ label, onFiles, accept, multiple = false, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {children(() => input.current?.click())}
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={multiple}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}

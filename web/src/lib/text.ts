/** A clause of the server as a sentence: `this needs …` gives `This needs ….` */
export function sentence(clause: string): string {
  const trimmed = clause.trim();
  if (!trimmed) return trimmed;
  const begun = trimmed[0]?.toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** `not_reproducible` as `Not reproducible`. */
export const worded = (name: string): string => {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Who did it. Parts of the system have names of the code: `incident-rule` is `Incident rule`. */
export const actorName = ({ kind, name }: { kind: string; name?: string | null | undefined }): string =>
  kind === 'system' && name ? worded(name.replaceAll('-', '_')) : (name ?? worded(kind));

/** `1.4 MB`: how large a file is, in steps of 1024. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  // What would be rounded to 1024 is one of the next unit.
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

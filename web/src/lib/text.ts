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
